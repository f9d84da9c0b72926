"""What a reader does with a lab: opens, sets, sends a link, goes back; with keys alone, too."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Visit
from tests.helpers_labs import Lab

PAGE = "en/index.html"
# Ends with the frame after a change of a control first changed a drawing.
SHOWN = """async ([id, value]) => {
  const control = document.getElementById(id);
  const stage = control.closest(".lab").querySelector(".lab-stage");
  const changed = new Promise((done) => {
    const observer = new MutationObserver(() => { observer.disconnect(); done(); });
    observer.observe(stage, { subtree: true, childList: true, attributes: true });
  });
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  await changed;
  await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.open(PAGE)


@pytest.fixture
def lab(page: Page) -> Lab:
    return Lab(page, "initialization")


@pytest.fixture
def opened(lab: Lab) -> Lab:
    lab.opener.click()
    lab.ended()
    return lab


def test_nothing_is_loaded_before_a_lab_is_opened_and_all_of_it_comes_from_the_site(visit: Visit):
    page = visit.open(PAGE)
    assert not [each for each in visit.requests if "/labs/" in each]
    for name in ("initialization", "plane", "review"):
        lab = Lab(page, name)
        lab.opener.click()
        lab.ended()
    loaded = [each for each in visit.requests if "/labs/" in each]
    assert len(loaded) == len(set(loaded)), "something came twice"
    assert all(each.startswith(visit.address) for each in visit.requests)
    assert visit.errors == []


def test_a_page_has_the_question_three_links_and_a_button(lab):
    assert lab.box.locator(".admonition-title").text_content().startswith("Lab: How much")
    assert lab.links.count() == 3
    assert lab.opener.text_content() == "Open the lab"
    assert not lab.box.locator("svg, form, table").count()


def test_opening_sets_nothing_in_the_address_and_the_focus_on_the_first_control(opened, page):
    expect(opened.control("Activation function")).to_be_focused()
    page.wait_for_timeout(600)  # twice the time after which a change stands there
    assert "?" not in page.url


def test_a_change_stands_in_the_address_and_the_address_sets_the_lab(opened, page, visit):
    opened.control("Layers").fill("7")
    opened.control("Activation function").select_option("tanh")
    opened.ended()
    expect(page).to_have_url(
        f"{visit.address}/{PAGE}?lab=initialization~1~activation.tanh~initializer.he~std.0.05"
        "~depth.7~width.64~seed.0#lab-initialization"
    )
    page.reload()
    opened.ended()
    expect(opened.control("Activation function")).to_have_value("tanh")
    assert len(opened.table("Size (root mean square)")) == 7
    assert visit.errors == []


def test_going_back_sets_the_lab_as_it_was(lab, page):
    lab.follow(0)
    lab.follow(1)
    page.go_back()
    expect(lab.control("Activation function")).to_have_value("relu")
    lab.ended()
    assert lab.control("Layers").input_value() == "20"


@pytest.mark.live
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("initialization~2~depth.7", "made for version 2 of this lab, and this is version 1."),
        ("initialization~1~deep.7", 'sets "deep", which this lab does not know'),
        ("initialization~1~depth.99", 'sets Layers to "99", which cannot be'),
        ("initialization~1~depth.7.5", 'sets Layers to "7.5", which cannot be'),
        ("initialization~1~depth.", 'sets Layers to "", which cannot be'),
        ("initialization~1~activation.<img src=x onerror=alert(1)>", 'to "<img src=x onerror'),
        ("initialization~1~activation.constructor", 'to "constructor", which cannot be'),
        ("initialization~1~__proto__.7", 'sets "__proto__", which this lab does not know'),
        ("initialization~1~%", 'sets "%", which this lab does not know'),
    ],
)
def test_what_an_address_says_that_cannot_be_is_told(visit: Visit, query, told):
    lab = Lab(visit.open(f"{PAGE}?lab={query}"), "initialization")
    lab.ended()
    assert told in lab.told.text_content()
    assert lab.told.get_attribute("role") == "alert"
    assert not lab.box.locator("img").count()
    assert visit.errors == []


def test_what_can_be_is_taken_all_the_same(visit: Visit):
    lab = Lab(visit.open(f"{PAGE}?lab=initialization~1~depth.7~width.1"), "initialization")
    lab.ended()
    assert lab.control("Layers").input_value() == "7"
    assert lab.control("Units in each layer").input_value() == "64"
    lab.control("Layers").fill("8")
    expect(lab.told).to_be_hidden()  # the reader has set it anew


def test_what_others_add_to_an_address_is_none_of_its_business(visit: Visit):
    lab = Lab(visit.open(f"{PAGE}?fbclid=1&lab=initialization~1~depth.7&utm=2"), "initialization")
    lab.ended()
    assert lab.control("Layers").input_value() == "7"
    assert not lab.told.is_visible()


def test_a_page_without_solutions_stays_one(visit: Visit):
    page = visit.open(f"{PAGE}?solutions=off&utm=2")
    lab = Lab(page, "initialization")
    lab.follow(0)
    assert page.url.count("solutions=off") == 1
    lab.control("Layers").fill("7")
    expect(page).to_have_url(re.compile("~depth[.]7~.*&solutions=off#lab-initialization$"))
    page.reload()
    lab.ended()
    expect(lab.control("Layers")).to_have_value("7")


def test_a_lab_of_another_name_opens_nothing(visit: Visit):
    visit.open(f"{PAGE}?lab=nothing~1")
    assert not visit.page.locator(".lab-open").count()
    assert visit.errors == []


def test_a_link_can_be_copied(opened, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.control("Layers").fill("9")
    opened.box.get_by_text("Copy a link").click()
    opened.status.get_by_text("The link is copied.").wait_for()
    expect(page).to_have_url(page.evaluate("navigator.clipboard.readText()"))
    assert "~depth.9~" in page.url


def test_what_came_out_is_read_out_once_it_has_come(opened):
    assert opened.status.get_attribute("role") == "status"
    opened.status.get_by_text("The activations of the last layer have the size").wait_for()


def test_a_control_that_counts_for_nothing_is_off(opened):
    own = opened.control("Standard deviation of your own")
    expect(own).to_be_disabled()
    opened.control("Initialization").select_option("own")
    expect(own).to_be_enabled()


def test_a_half_typed_seed_changes_nothing(opened, page):
    seed = opened.control("Seed")
    for text in ("", "-1", "1.5", "99999"):
        seed.fill(text)
        page.wait_for_timeout(400)
        assert "~seed.0#" in page.url
    seed.fill("12")
    expect(page).to_have_url(re.compile("~seed[.]12#"))


def test_everything_can_be_done_with_keys(lab, page):
    lab.opener.focus()
    page.keyboard.press("Enter")
    lab.ended()
    page.keyboard.press("Tab")  # from the activation to the initializer
    page.keyboard.press("Tab")  # its standard deviation is off: to the layers
    page.keyboard.press("ArrowRight")
    lab.ended()
    expect(page).to_have_url(re.compile("~depth[.]21~"))
    lab.box.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(lab.box.locator("tbody tr")).to_have_count(21)  # the table is filled once it is open


def test_a_lab_that_plays_can_be_stopped_and_goes_on(page):
    lab = Lab(page, "plane")
    page.emulate_media(reduced_motion="no-preference")
    lab.opener.click()
    stop = lab.box.locator(".lab-buttons button").first
    expect(stop).to_have_text("Stop")
    stop.click()
    expect(stop).to_have_text("Go on")
    rows = len(lab.table("Loss"))
    page.wait_for_timeout(300)
    assert len(lab.table("Loss")) == rows < 101
    stop.click()
    lab.ended()
    assert len(lab.table("Loss")) == 101
    expect(stop).to_have_text("Start again")
    stop.click()
    expect(stop).to_have_text("Stop")


@pytest.mark.live
def test_who_wants_no_motion_sees_the_end_alone(page):
    lab = Lab(page, "plane")
    page.emulate_media(reduced_motion="reduce")
    drawn = """() => { window.drawn = new Set(); new MutationObserver(() => {
      const line = document.querySelector("#lab-plane .lab-key ~ path, #lab-plane .lab-curve");
      if (line) window.drawn.add(line.getAttribute("d")?.length);
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["d"] }); }"""
    page.evaluate(drawn)
    lab.opener.click()
    lab.ended()
    assert len(lab.table("Loss")) == 101
    assert page.evaluate("window.drawn.size") <= 2  # before its first drawing, and after its last


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "control", "value"),
    [
        ("initialization", "depth", 50),
        ("initialization", "width", 128),
        ("initialization", "seed", 7),
        ("plane", "points", 100),
        ("plane", "seed", 7),
        ("review", "sentence", 50 * "bad "),
    ],
)
def test_a_change_shows_within_half_a_second_on_a_slow_machine(visit: Visit, name, control, value):
    largest = {"initialization": "~1~depth.40~width.120", "plane": "~1~dropout.0.5", "review": ""}
    lab = Lab(visit.open(f"{PAGE}?lab={name}{largest[name]}"), name)
    lab.ended()
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    # The processor's time of the page's thread: whatever else this machine does, it waits for none.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    before = seconds()
    visit.page.evaluate(SHOWN, [f"lab-{name}-{control}", str(value)])
    taken = seconds() - before
    print(f"{name}, {control} {value}: shown after {taken:.2f} s")
    assert 0 < taken < 0.5


@pytest.mark.live
def test_the_page_gets_its_turn_again_and_again_while_a_lab_works(page):
    lab = Lab(page, "plane")
    lab.opener.click()
    lab.box.locator(".lab-open").wait_for()
    turns = page.evaluate(
        """async () => { let turns = 0;
          for (; document.querySelector("#lab-plane").ariaBusy; turns++) {
            await new Promise(requestAnimationFrame);
          }
          return turns; }"""
    )
    assert turns > 50  # of 100 drawings


def test_without_scripts_a_lab_says_what_it_needs(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{PAGE}")
    lab = Lab(page, "initialization")
    assert not lab.opener.is_visible()
    assert "This lab needs JavaScript." in lab.box.inner_text()
    assert lab.links.count() == 3
    context.close()


def test_a_lab_that_does_not_come_is_told_and_the_next_press_tries_again(visit: Visit):
    page = visit.open(PAGE)
    lab = Lab(page, "initialization")
    page.route("**/about.json", lambda route: route.abort())
    lab.opener.click()
    lab.box.get_by_text("The lab could not be loaded").wait_for()
    page.unroute("**/about.json")
    lab.opener.click()
    lab.ended()
    expect(lab.box.get_by_text("The lab could not be loaded")).to_have_count(0)


def test_a_page_from_a_folder_says_what_it_needs(browser: Browser, small_site):
    page = browser.new_page()
    page.goto((small_site / PAGE).as_uri())
    lab = Lab(page, "initialization")
    lab.opener.click()
    lab.box.get_by_text("a web server instead of a folder").wait_for()
    page.close()


def test_korean_pages_speak_korean(visit: Visit):
    lab = Lab(visit.open("ko/index.html"), "initialization")
    assert lab.opener.text_content() == "실험실 열기"
    lab.follow(0)
    lab.status.get_by_text("첫 층에 닿은 기울기").wait_for()
    assert len(lab.table("활성화 값의 분포")) == 20


@pytest.mark.live
def test_labs_open_side_by_side_too(visit: Visit):
    lab = Lab(visit.open("en/both/index.html"), "initialization")
    lab.follow(0)
    assert "/both/" in visit.page.url
    assert visit.errors == []


@pytest.mark.live
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["initialization", "plane", "review"])
def test_axe_finds_nothing_with_a_lab_open(page, name, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    lab = Lab(page, name)
    lab.opener.click()
    lab.ended()
    lab.unfold()
    found = Axe().run(page, context={"include": [[".lab"]]}).response["violations"]
    assert [(each["id"], [x["html"][:200] for x in each["nodes"]]) for each in found] == []


@pytest.mark.live
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_is_wider_than_a_telephone(visit: Visit, language):
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.page.emulate_media(reduced_motion="reduce")
    page = visit.open(f"{language}/index.html")
    for name in ("initialization", "plane", "review"):
        lab = Lab(page, name)
        lab.opener.click()
        lab.ended()
        lab.unfold()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
