"""Notebooks that leave the site: their Markdown, their first cell, the wheel, the links to them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from bookwright import book as pages
from bookwright.notebooks import pack
from bookwright.notebooks.cells import Cells, drawing_name, outputs
from bookwright.notebooks.markdown import CodeCell, JupyterMarkdown
from bookwright.publication import Publication, publication
from bookwright.reader import environment as reader
from bookwright.reader import first_cell, wheel
from bookwright.theme.page_menu import entries
from tests.conftest import ROOT
from tests.helpers import Book

WORDS = {"claim": "Claim:", "description": "What it shows"}
NOWHERE = Publication(None, "main", None, "gh-pages")


def document(text: str) -> nodes.document:
    settings = {
        "myst_enable_extensions": ["dollarmath", "deflist", "amsmath"],
        "report_level": 5,
        "syntax_highlight": "none",
        "doctitle_xform": False,
    }
    return publish_doctree(text, parser=Parser(), settings_overrides=settings)


def written(tree: nodes.Node, numbers: dict[str, str] | None = None) -> str:
    writer = JupyterMarkdown(
        lambda address: f"https://book/{address}",
        lambda kind, node_id: (numbers or {}).get(kind, ""),
        lambda address: None,
        WORDS,
    )
    return "\n\n".join(str(part) for part in writer.parts(tree))


@pytest.mark.parametrize(
    "text",
    [
        "# A heading\n\n## A smaller one",
        "Words in **bold type**, in *italics*, `code` and $x_1^2$.",
        "- one\n- two\n  - inside",
        "1. one\n2. two\n\n   with more",
        "> quoted",
        "```python\nprint(1)\n```",
        "[a link](https://example.org/a_b)",
        "````text\na fence of ``` inside\n````",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "---",
    ],
)
def test_what_is_common_markdown_stays_what_it_is(text):
    assert document(written(document(text))).pformat() == document(text).pformat()


def test_signs_of_markdown_in_the_text_stay_signs():
    signs = r"1\. a \*star\*, an \_underscore\_, \<tag\>, a \$ sign, \[brackets\], \`ticks\`"
    again = document(written(document(signs)))
    assert again.astext() == "1. a *star*, an _underscore_, <tag>, a $ sign, [brackets], `ticks`"


def test_bold_type_that_ends_at_a_sign_before_a_particle_is_still_bold():
    strong = nodes.strong("", "용어(term)")
    paragraph = nodes.paragraph("", "", strong, nodes.Text("는 굵습니다."))
    assert written(nodes.section("", paragraph)) == "<strong>용어(term)</strong>는 굵습니다."
    paragraph = nodes.paragraph("", "", nodes.strong("", "끝."), nodes.Text(" 다음"))
    assert written(nodes.section("", paragraph)) == "**끝.** 다음"


def test_a_numbered_formula_keeps_the_number_that_the_text_refers_to():
    formula = nodes.math_block("", "x^2", ids=["eq"])
    assert written(nodes.section("", formula), {"displaymath": "3"}) == "$$\nx^2 \\tag{3}\n$$"


def test_a_claim_is_quoted_and_its_evidence_stays_folded():
    claim = nodes.container("", nodes.paragraph("", "It grows."), classes=["claim"])
    claim += nodes.raw("", "<details>\n\n<table></table></details>", format="html")
    claim = nodes.section("", claim)
    assert written(claim) == ("> **Claim:** It grows.\n\n<details>\n<table></table></details>")


def test_what_speaks_of_the_sites_buttons_is_left_out():
    button = nodes.inline("", "Press it.", classes=["site-only"])
    marked = nodes.inline("", "41.5", classes=["quoted"])
    text = nodes.paragraph("", "", nodes.Text("Read "), marked, nodes.Text(". "), button)
    assert written(nodes.section("", text)) == "Read 41.5."


def test_links_inside_the_book_are_turned_and_others_stay():
    inside = nodes.reference("", "that page", refuri="rnn.html#claim-a")
    outside = nodes.reference("", "a site", refuri="https://example.org/a(b)")
    text = written(nodes.section("", nodes.paragraph("", "", inside, nodes.Text(", "), outside)))
    assert (
        text == "[that page](https://book/rnn.html#claim-a), [a site](<https://example.org/a(b)>)"
    )


def test_an_admonition_is_a_quotation_below_its_title():
    note = nodes.admonition("", nodes.title("", "Mind"), nodes.paragraph("", "this"))
    assert written(nodes.section("", note)) == "> **Mind**\n>\n> this"


def test_a_figure_has_its_number_caption_and_description():
    image = nodes.image(uri="x.svg", alt="A line <rises>.")
    figure = nodes.figure("", image, nodes.caption("", "Loss."), ids=["fig"])
    text = written(nodes.section("", figure), {"figure": "Figure 2"})
    assert text.startswith("**Figure 2.** Loss.")
    assert "<summary>What it shows</summary>\n\nA line &lt;rises&gt;.\n\n</details>" in text


def test_tabs_stand_one_below_the_other():
    class sd_tab_input(nodes.Element):
        pass

    class sd_tab_label(nodes.TextElement):
        pass

    tabs = nodes.container("", sd_tab_input(), sd_tab_label("", "pip"))
    tabs += nodes.container("", nodes.paragraph("", "first"))
    assert written(nodes.section("", tabs)) == "**pip**\n\nfirst"


def test_a_node_that_nobody_thought_of_is_a_warning(caplog, monkeypatch):
    class strange(nodes.Element):
        pass

    warned = []
    monkeypatch.setattr(
        "jupyter_markdown.logger.warning", lambda text, *args, **_: warned.append(text % args)
    )
    assert written(nodes.section("", strange())) == ""
    assert warned == ["a notebook cannot show 'strange'"]


def page(*sources: tuple[str, list[str]]) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in sources]
    return nbformat.v4.new_notebook(cells=cells)


def test_every_code_cell_stays_in_its_order_and_hidden_ones_follow_the_one_above():
    cells = Cells(page(("a = 1", []), ("b = a", ["remove-cell"]), ("c = b", [])), {}, "Solution")
    cells.add_prose("# Title")
    cells.add_code(0)
    cells.add_prose("Between.")
    cells.add_code(2)
    done = cells.finish()
    assert [cell.source for cell in done] == ["# Title", "a = 1", "b = a", "Between.", "c = b"]
    assert done[2].metadata.jupyter.source_hidden
    assert "jupyter" not in done[1].metadata


def test_a_solution_folds_and_its_cell_still_runs():
    cells = Cells(page(("answer = 42", ["solution", "hide-cell"])), {}, "Solution")
    fold, cell = cells.finish()
    assert fold.source.startswith("<details>\n<summary>Solution</summary>\n\n```python\nanswer")
    assert cell.cell_type == "code"
    assert cell.source == "answer = 42"
    assert cell.metadata.cellView == "form"


def test_outputs_lose_what_only_the_site_reads_and_keep_what_readers_see():
    svg = "<svg>\n</svg>\n"
    cell = nbformat.v4.new_code_cell(
        outputs=[
            nbformat.v4.new_output("stream", text="one "),
            nbformat.v4.new_output("stream", text="two"),
            nbformat.v4.new_output(
                "display_data", data={"application/papermill.record/text/plain": "3"}
            ),
            nbformat.v4.new_output("display_data", data={"image/svg+xml": svg, "image/png": "="}),
        ]
    )
    text, figure = outputs(cell, {drawing_name(svg): "Two lines"})
    assert text.text == "one two"
    assert list(figure.data) == ["text/html", "image/png"]
    assert 'alt="Two lines"' in figure.data["text/html"]
    assert figure.metadata["image/png"]["alt"] == "Two lines"


def run_first_cell(folder: Path, python: Path | str, site: str | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [str(python), "-c", first_cell.source(site)],
        cwd=folder,
        env={"PYTHONNOUSERSITE": "1", "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def helper(tmp_path_factory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def bare(tmp_path: Path, base: Path) -> Path:
    """The Python of an environment with pip, but without our package."""
    return reader.add_layer(tmp_path / "layer", base)


def test_the_first_cell_installs_the_wheel_beside_it_without_network(tmp_path, bare, helper):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / helper.name).write_bytes(helper.read_bytes())
    status, said = run_first_cell(folder, bare)
    assert status == 0, said
    assert said.count("\n") == 1, "it says in one line what it did"
    assert f"installed from / 설치한 곳: {folder / helper.name}" in said
    status, said = run_first_cell(tmp_path, bare)  # there now, so no wheel is needed
    assert status == 0, said
    assert "already here" in said


def test_the_first_cell_takes_the_wheel_of_the_site(tmp_path, bare, helper):
    status, said = run_first_cell(tmp_path, bare, site=f"{helper.parent.as_uri()}/")
    assert status == 0, said
    assert f"installed from / 설치한 곳: {helper.as_uri()}" in said


def test_without_any_wheel_the_first_cell_says_what_to_do(tmp_path, bare):
    status, said = run_first_cell(tmp_path, bare)
    assert status != 0
    assert said.count("Traceback") == 1
    assert f"{first_cell.wheel_name()} is not in {tmp_path}" in said
    assert f"put {first_cell.wheel_name()} beside this notebook" in said


def test_another_version_of_the_package_is_replaced(tmp_path, bare, helper, monkeypatch):
    (tmp_path / helper.name).write_bytes(helper.read_bytes())
    assert run_first_cell(tmp_path, bare)[0] == 0
    monkeypatch.setattr(first_cell, "version", lambda: "99.0")
    status, said = run_first_cell(tmp_path, bare)
    assert status != 0
    assert "lessons_src-99.0-py3-none-any.whl is not in" in said


def test_the_wheel_is_the_same_each_time_and_holds_the_package(tmp_path, helper, monkeypatch):
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "nothing-yet")
    assert wheel.build(tmp_path).read_bytes() == helper.read_bytes()
    with zipfile.ZipFile(helper) as archive:
        held = {name for name in archive.namelist() if name.endswith(".py")}
    assert held == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "lessons_src").rglob("*.py")
    }


def test_a_wheel_is_built_once_for_one_state_of_its_sources(tmp_path, monkeypatch):
    project, built = tmp_path / "project", []
    shutil.copytree(ROOT / "lessons_src", project / "lessons_src")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, project)

    def build(sources: Path, folder: Path) -> None:
        built.append(sources)
        (folder / first_cell.wheel_name()).write_text(f"wheel {len(built)}")

    monkeypatch.setattr(pages, "ROOT", project)
    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(wheel, "_build", build)
    first, second = (wheel.build(tmp_path / name) for name in ("first", "second"))
    assert first.read_text() == second.read_text() == "wheel 1"
    module = project / "lessons_src" / "encoding.py"
    for change in (lambda: module.write_text("changed"), lambda: module.rename(f"{module}.old")):
        before = len(built)
        change()
        assert wheel.build(tmp_path / "other").read_text() == f"wheel {len(built)}"
        assert len(built) == before + 1


def test_a_wheel_that_could_not_be_built_is_not_kept(tmp_path, monkeypatch):
    said = ["half of it", "all of it"]

    def build(sources: Path, folder: Path) -> None:
        (folder / first_cell.wheel_name()).write_text(said.pop(0))
        if said:
            raise RuntimeError("the wheel could not be built")

    monkeypatch.setattr(wheel, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(wheel, "_build", build)
    with pytest.raises(RuntimeError, match="could not be built"):
        wheel.build(tmp_path / "here")
    assert wheel.build(tmp_path / "here").read_text() == "all of it"


def test_without_a_repository_the_menu_has_no_link_that_needs_one():
    kinds = [entry["address"] for entry in entries("rnn", "ko", NOWHERE)]
    assert kinds == [
        "notebooks/rnn.ipynb",
        "notebooks/lessons-ko.zip",
        "executable-deep-learning-ko.pdf",
        "_sources/rnn.md",
    ]


def test_the_menu_follows_the_repository_of_the_build():
    environment = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "ada/lessons"}
    config = {"notebooks": {"site_branch": "gh-pages"}, "repository": {"branch": "trunk"}}
    known = publication(config, environment)
    found = [entry["address"] for entry in entries("rnn", "en", known)]
    assert found[3:] == [
        "https://colab.research.google.com/github/ada/lessons/blob/gh-pages/en/notebooks/rnn.ipynb",
        "https://mybinder.org/v2/gh/ada/lessons/gh-pages"
        "?urlpath=lab%2Ftree%2Fen%2Fnotebooks%2Frnn.ipynb",
        "https://github.com/ada/lessons/blob/trunk/book/en/rnn.md",
        "https://github.com/ada/lessons/edit/trunk/book/en/rnn.md",
        "https://github.com/ada/lessons/issues/new?template=mistake.yml&page=en%2Frnn&commit=",
    ]


@pytest.mark.parametrize(
    ("config", "environment", "site"),
    [
        ({}, {}, None),
        ({}, {"GITHUB_REPOSITORY": "Ada/lessons"}, "https://ada.github.io/lessons/"),
        ({}, {"GITHUB_REPOSITORY": "Ada/ada.github.io"}, "https://ada.github.io/"),
        ({"html": {"baseurl": "https://b.org"}}, {"GITHUB_REPOSITORY": "a/b"}, "https://b.org/"),
        ({"html": {"baseurl": "https://b.org"}}, {"LESSONS_SITE": "http://c/d/"}, "http://c/d/"),
        ({"repository": {"url": "https://git.uni.edu/a/b"}}, {}, None),
    ],
)
def test_the_site_address_is_the_one_given_or_that_of_github_pages(config, environment, site):
    assert publication(config, environment).site == site


def test_a_repository_elsewhere_has_source_links_but_no_colab():
    config = {"repository": {"url": "https://git.uni.edu/a/b"}, "notebooks": {"site_branch": "x"}}
    known = publication(config, {})
    assert known.source("ko", "rnn") == "https://git.uni.edu/a/b/blob/main/book/ko/rnn.md"
    assert known.colab("ko", "rnn") is None
    assert known.binder("ko", "rnn") is None


def test_an_address_that_is_none_is_refused():
    with pytest.raises(ValueError, match="the site's address"):
        publication({}, {"LESSONS_SITE": "lessons.org"})


def test_binder_gets_what_the_package_needs():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    wanted = {line for line in lines if not line.startswith("#")}
    assert wanted == {*first_cell.project()["dependencies"], "jupyterlab>=4"}
    assert (ROOT / "binder" / "runtime.txt").read_text().strip() in {
        f"python-3.{minor}" for minor in (11, 12, 13)
    }
    script = ROOT / "binder" / "postBuild"
    assert script.stat().st_mode & 0o111, "Binder runs it only if it may be run"
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_zip_says_how_to_run_and_needs_only_what_it_holds():
    assert pack.requirements().startswith(f"./{first_cell.wheel_name()}\n")
    for language in pages.LANGUAGES:
        text = pack.readme(language)
        assert "requirements.txt" in text
        assert first_cell.wheel_name() in text
        assert "{" not in text


def test_what_the_configuration_says_about_the_branch_is_read():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert publication(config, {}).site_branch == "gh-pages"


def test_a_tiny_book_becomes_notebooks_with_the_pages_outputs(tmp_path):
    book = Book(tmp_path)
    book.write("print(6 * 7)", prose="See {ref}`here <place>`.\n\n(place)=\n## There\n\n$x$.")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    for language in pages.LANGUAGES:
        folder = tmp_path / "_build" / "html" / language / "notebooks"
        notebook = nbformat.read(folder / "index.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.lang == language
        known = publication(pages.config())
        assert notebook.cells[0].source == first_cell.source(known.site)
        assert notebook.cells[-1].outputs[0].text == "42\n"
        with zipfile.ZipFile(folder / f"lessons-{language}.zip") as archive:
            assert {"index.ipynb", "README.md", "requirements.txt"} < set(archive.namelist())
    assert (tmp_path / "_build" / "html" / first_cell.wheel_name()).exists()


def test_places_of_code_cells_are_numbers_of_the_pages_cells():
    tree = nodes.section("", nodes.container("", nb_element="cell_code", cell_index=4))
    writer = JupyterMarkdown(lambda _: None, lambda *_: "", lambda _: None, WORDS)
    assert list(writer.parts(tree)) == [CodeCell(4)]
