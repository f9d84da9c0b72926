"""The lab on reviews reads a sentence as the page's networks do, and shows what its links say."""

from __future__ import annotations

import re
import string

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers_labs import N_TIMESTEPS, N_UNITS, N_WORDS, VOCABULARY, Lab, review
from tests.labs.conftest import Module

READ = "return module.wordsOf(given.text);"
BAG = "return module.bagOfWords(given, given.ids);"
RECURRENT = "return module.recurrent(given, given.ids, given.timesteps);"
# Each step adds up N_UNITS products for each unit, each off by at most 2**-53; an orthogonal matrix
# and tanh enlarge nothing. Two calculations differ by twice that, and w2 is shorter than 10.
ROUNDING = 20 * N_TIMESTEPS * N_UNITS**2 * 2**-53


@pytest.fixture
def networks(sources) -> Module:
    return Module(sources, "/review/networks.js")


def drawn(rng):
    w1h = np.linalg.qr(rng.normal(size=(N_UNITS, N_UNITS)))[0]
    w1x = rng.normal(size=(N_WORDS, N_UNITS))
    b1, w2 = rng.normal(size=(2, N_UNITS))
    return {"w1h": w1h, "w1x": w1x, "b1": b1, "w2": w2, "b2": rng.normal(size=1)}


def states_answers(weights, ids, timesteps):
    """The answers of the page's network, after the padding and after each of the words it reads."""
    padded = np.zeros(max(timesteps, len(ids)), int)
    padded[len(padded) - len(ids) :] = ids
    h, answers = np.zeros(N_UNITS), []
    for word in padded[-timesteps:]:
        answers.append(h @ weights["w2"] + weights["b2"][0])
        h = np.tanh(weights["w1x"][word] + h @ weights["w1h"] + weights["b1"])
    answers.append(h @ weights["w2"] + weights["b2"][0])
    return 1 / (1 + np.exp(-np.array(answers)))[-len(ids) - 1 :]


@pytest.mark.parametrize("seed", range(3))
def test_answers_of_the_recurrent_network_are_numpys(networks, seed):
    rng = np.random.default_rng(seed)
    weights, ids = drawn(rng), rng.integers(1, N_WORDS, size=6)
    found = networks.run(RECURRENT, **weights, ids=ids.tolist(), timesteps=N_TIMESTEPS)
    expected = states_answers(weights, ids, N_TIMESTEPS)
    np.testing.assert_allclose(found, expected, rtol=ROUNDING)


def test_of_a_review_that_is_too_long_the_end_is_read(networks):
    rng = np.random.default_rng(3)
    weights, ids = drawn(rng), rng.integers(1, N_WORDS, size=9)
    given = weights | {"timesteps": 5}
    whole = networks.run(RECURRENT, **given, ids=ids.tolist())
    end = networks.run(RECURRENT, **given, ids=ids[-5:].tolist())
    assert np.isnan(whole[1:5]).all()
    assert whole[5:] == end[1:]


def test_the_answer_of_the_bag_is_that_of_a_multi_hot_vector(networks):
    rng = np.random.default_rng(4)
    bag, bias, ids = rng.normal(size=N_WORDS), rng.normal(size=1), [3, 7, 3, 5, 7, 7]
    found = networks.run(BAG, bag=bag, bag_bias=bias, ids=ids)
    marked = np.zeros(N_WORDS)
    marked[ids] = 1
    expected = 1 / (1 + np.exp(-(marked @ bag + bias[0])))
    assert found["probability"] == pytest.approx(expected, rel=ROUNDING)
    assert found["adds"] == [bag[3], bag[7], 0, bag[5], 0, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It was NOT good; it was bad!", ["it", "was", "not", "good", "it", "was", "bad"]),
        ("I don’t know...10/10", ["i", "don't", "know", "10", "10"]),
        ("“so-so”—well", ["so", "so", "well"]),
        (" \n", []),
        ("<b>good</b>", ["b", "good", "b"]),
    ],
)
def test_a_text_is_divided_as_that_of_the_data_set(networks, text, words):
    assert networks.run(READ, text=text) == words


def test_all_punctuation_but_the_apostrophe_divides(networks):
    # Keras' own rule, by which the data set was made.
    text = "".join(f"a{sign}" for sign in string.punctuation)
    expected = re.split("[" + re.escape(string.punctuation.replace("'", "")) + "]", text)
    assert networks.run(READ, text=text) == [word for word in expected if word]


TITLES = ("First review", "Second review")


@pytest.fixture
def lab(visit) -> Lab:
    return Lab(visit.open("en/index.html"), "review")


def answers(lab: Lab, number: int) -> list[float]:
    """What stands above a drawing: the probabilities of the bag and of the recurrent network."""
    said = lab.box.locator(".lab-figure p").filter(has_text="Probability").nth(number)
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", said.inner_text())]


def test_another_order_is_noticed_by_the_recurrent_network_alone(lab):
    lab.follow(0)
    (bag, recurrent), (other_bag, other_recurrent) = answers(lab, 0), answers(lab, 1)
    assert bag == other_bag
    assert recurrent != other_recurrent


def test_repeated_words_are_noticed_by_the_recurrent_network_alone(lab):
    lab.follow(1)
    (bag, recurrent), (other_bag, other_recurrent) = answers(lab, 0), answers(lab, 1)
    assert bag == other_bag
    assert recurrent != other_recurrent


def test_of_unknown_words_nothing_is_read(lab):
    lab.follow(2)
    known = [[row for row in lab.cells(title) if "(not known)" not in row[0]] for title in TITLES]
    assert [len(rows) for rows in known] == [1, 1]  # before reading
    assert answers(lab, 0) == answers(lab, 1)
    lab.control("Your review").fill("")
    lab.ended()
    assert answers(lab, 0) == answers(lab, 1)


def test_the_table_has_what_each_word_does(lab):
    lab.opener.click()
    lab.control("Your review").fill("Not a bad movie. Not bad!")
    lab.ended()
    rows, weights = lab.cells("First review"), {k: np.array(v) for k, v in WEIGHTS.items()}
    words = ["(before reading)", "not", "a (not known)", "bad", "movie", "not", "bad"]
    assert [row[0] for row in rows] == words
    bag = [*weights["bag_bias"], *(weights["bag"][VOCABULARY[word]] for word in ADDING), 0, 0]
    ids = [VOCABULARY[word] for word in ("not", "bad", "movie", "not", "bad")]
    shaped = weights | {
        "w1x": weights["w1x"].reshape(N_WORDS, N_UNITS),
        "w1h": weights["w1h"].reshape(N_UNITS, N_UNITS),
    }
    recurrent = states_answers(shaped, ids, N_TIMESTEPS)
    shown = np.array([[float(value) for value in row[1:]] for row in rows if row[1] != "–"])
    np.testing.assert_allclose(shown, np.transpose([bag, recurrent]), rtol=5e-3)  # three digits


WEIGHTS = review()["weights"]
ADDING = ("not", "bad", "movie")


def test_without_a_second_review_there_is_one_drawing(lab):
    lab.opener.click()
    second = lab.control("A second one to compare it with (may be left empty)")
    second.fill("")
    lab.ended()
    expect(lab.box.locator(".lab-figure:visible")).to_have_count(1)
    second.fill("great")
    lab.ended()
    expect(lab.box.locator(".lab-figure:visible")).to_have_count(2)


@pytest.mark.live
@pytest.mark.parametrize(
    "text", ["100% ~ <img src=x onerror=alert(1)> & more", "50%41", "좋다", "a.b~c.d"]
)
def test_a_sentence_in_the_address_comes_back_as_it_was(lab, text):
    lab.opener.click()
    lab.control("Your review").fill(text)
    lab.ended()
    lab.page.wait_for_url("**?lab=review*")
    lab.page.reload()
    lab.ended()
    assert lab.control("Your review").input_value() == text
    assert not lab.told.is_visible()
    assert lab.box.locator("img").count() == 0


def test_a_sentence_that_is_too_long_is_told(visit):
    lab = Lab(visit.open(f"en/index.html?lab=review~1~sentence.{'bad%20' * 60}"), "review")
    lab.ended()
    assert "Your review" in lab.told.inner_text()
    assert lab.control("Your review").input_value() == "It was not good, it was bad."


def test_everything_can_be_done_with_keys(lab):
    page, press = lab.page, lab.page.keyboard.press
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.links.last.focus()
    press("Tab")
    expect(lab.opener).to_be_focused()
    press("Enter")
    expect(lab.control("Your review")).to_be_focused()
    press("Control+A")
    page.keyboard.type("great movie")
    press("Tab")
    expect(lab.box.get_by_label("A second one")).to_be_focused()
    press("Control+A")
    press("Delete")
    page.wait_for_url(re.compile("~sentence[.]great%20movie~other[.]#"))
    expect(lab.box.locator(".lab-figure:visible")).to_have_count(1)
    press("Tab")
    press("Enter")  # back to the start
    expect(lab.control("Your review")).to_have_value("It was not good, it was bad.")
    press("Tab")
    press("Enter")
    lab.status.get_by_text("The link is copied.").wait_for()
    for title in TITLES:
        table = lab.box.get_by_role("table", name=title)
        press("Tab")
        press("Enter")
        expect(table.get_by_role("rowheader")).to_have_count(8)  # seven words, and before them
        press("Tab")
        expect(lab.box.get_by_role("group", name=title)).to_be_focused()  # it scrolls
    lab.links.nth(2).focus()
    press("Enter")
    page.wait_for_url("**?lab=review*")
    expect(table.get_by_text("(not known)").first).to_be_visible()


# Every piece of text in the open lab with the language it is in, as a screen reader takes it.
SPOKEN = """(box) => {
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    const lang = parentElement.closest("[lang]").getAttribute("lang");
    if (/\\p{L}/u.test(data)) found.push([data.trim(), lang]);
  }
  return found;
}"""


def test_on_a_korean_page_the_words_of_a_review_are_english_and_nothing_else_is(visit):
    lab = Lab(visit.open("ko/index.html"), "review")
    lab.opener.click()
    lab.control("첫째 리뷰(영어로)").fill("Zzz good movie")
    lab.ended()
    for title in ("첫째 리뷰", "둘째 리뷰"):
        lab.cells(title)  # opens the table
    for part, words in (("svg", "good movie"), ("table", "zzz good movie")):
        figure = lab.box.locator(".lab-figure").first
        spoken = figure.locator(part).first.evaluate(SPOKEN)
        assert [text for text, lang in spoken if lang == "en"] == words.split()
    everywhere = lab.box.locator(".lab-stage").evaluate(SPOKEN)
    assert len(everywhere) > 40
    korean = re.compile("[가-힣]")
    assert [each for each in everywhere if (each[1] == "en") == bool(korean.search(each[0]))] == []
