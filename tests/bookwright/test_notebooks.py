"""Notebooks that leave the site: their Markdown, their first cell, the wheel, the links to them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile

import nbformat
import pytest
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from bookwright import book as pages
from bookwright import words as interface
from bookwright.notebooks import pack
from bookwright.notebooks.cells import Cells, drawing_name, outputs
from bookwright.notebooks.markdown import CodeCell, JupyterMarkdown
from bookwright.reader import wheel
from tests.conftest import ROOT
from tests.helpers import make_book

WORDS = {"claim": "Claim:", "description": "What it shows"}


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


def evidence(html: str) -> nodes.section:
    return nodes.section("", nodes.raw("", f"<details>{html}</details>", format="html"))


def test_the_picture_in_the_evidence_needs_the_sites_style_and_stays_there():
    figure = '<figure><svg class="strip">\n<text>1</text></svg><figcaption>A</figcaption></figure>'
    assert written(evidence(f"{figure}<table></table>")) == "<details><table></table></details>"


def test_a_link_in_the_evidence_leads_where_the_links_of_the_text_do():
    link = '<p><a href="claims.html">How to read a claim</a></p>'
    assert (
        written(evidence(link))
        == evidence('<p><a href="https://book/claims.html">How to read a claim</a></p>').astext()
    )
    writer = JupyterMarkdown(lambda _: None, lambda *_: "", lambda _: None, WORDS)
    [text] = writer.parts(evidence(link))
    assert text == "<details><p>How to read a claim</p></details>"


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
        "bookwright.notebooks.markdown.logger.warning",
        lambda text, *args, **_: warned.append(text % args),
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


def test_binder_gets_what_the_package_needs():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    wanted = {line for line in lines if not line.startswith("#")}
    assert wanted == {*wheel.project()["dependencies"], "jupyterlab>=4"}
    assert (ROOT / "binder" / "runtime.txt").read_text().strip() in {
        f"python-3.{minor}" for minor in (11, 12, 13)
    }
    script = ROOT / "binder" / "postBuild"
    assert script.stat().st_mode & 0o111, "Binder runs it only if it may be run"


@pytest.mark.parametrize(
    ("held", "installed"),
    [
        ({}, "."),
        ({"build.json": '{"wheel": {"file": "helper-1+b-py3-none-any.whl"}}'}, "./helper-1+b"),
    ],
)
def test_binder_installs_the_wheel_of_this_build_and_none_of_earlier_ones(
    tmp_path, held, installed
):
    for name, content in held.items():
        (tmp_path / name).write_text(content)
        for digest in "abc":
            (tmp_path / f"helper-1+{digest}-py3-none-any.whl").touch()
    pip = tmp_path / "bin" / "pip"
    pip.parent.mkdir()
    pip.write_text('#!/bin/sh\necho "$@"\n')
    pip.chmod(0o755)
    done = subprocess.run(
        ["bash", str(ROOT / "binder" / "postBuild")],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{pip.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[:2] == ["install", "--no-cache-dir"]
    assert done.stdout.split()[2:] == [installed + "-py3-none-any.whl" * bool(held)]


def test_the_zip_says_how_to_run_and_needs_only_what_it_holds():
    made = wheel.made()
    assert pack.requirements(made).startswith(f"./{made.name}\n")
    for language in pages.LANGUAGES:
        text = pack.readme(made, language)
        assert "requirements.txt" in text
        assert made.name in text
        assert "{" not in text


def test_a_tiny_book_becomes_notebooks_with_the_pages_outputs(tmp_path):
    book = make_book(tmp_path)
    book.write("print(6 * 7)", prose="See {ref}`here <place>`.\n\n(place)=\n## There\n\n$x$.")
    status, output = book.run("book", "--unchecked")
    assert status == 0, output
    site = tmp_path / "_build" / "html"
    [made] = site.glob("*.whl")
    assert made.name == json.loads(book.built("build.json"))["wheel"]["file"]
    for language in pages.LANGUAGES:
        folder = site / language / "notebooks"
        notebook = nbformat.read(folder / "index.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.lang == language
        assert f'WHEEL = "{made.name}"' in notebook.cells[0].source
        assert hashlib.sha256(made.read_bytes()).hexdigest() in notebook.cells[0].source
        assert interface.of(language)["first_cell"]["title"] in notebook.cells[0].source
        assert notebook.cells[-1].outputs[0].text == "42\n"
        with zipfile.ZipFile(folder / f"lessons_src-{language}.zip") as archive:
            held = set(archive.namelist())
        assert held == {"index.ipynb", "README.md", "requirements.txt", made.name}


def test_places_of_code_cells_are_numbers_of_the_pages_cells():
    tree = nodes.section("", nodes.container("", nb_element="cell_code", cell_index=4))
    writer = JupyterMarkdown(lambda _: None, lambda *_: "", lambda _: None, WORDS)
    assert list(writer.parts(tree)) == [CodeCell(4)]
