"""The notebooks of the built site: what they show, and that they run where nothing else is."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import nbformat
import pytest
from lxml import html
from lxml.html import HtmlElement
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbmake.nb_run import NotebookRun

from bookwright import book as pages
from bookwright.places import unsolved_name, unsolved_zip_name, zip_name
from bookwright.publication import publication
from bookwright.reader import environment as reader
from bookwright.reader import first_cell, wheel
from bookwright.runs import store
from bookwright.source.facts import calls, facts

EVERY_PAGE = pytest.mark.parametrize("page", pages.all_pages(), ids=str)

# What MyST would have turned into something else: roles, directives, labels, spans with classes.
MYST = re.compile(r"\{[\w:-]+\}`|^\s*(?:```+|~~~+|:::+)\s*\{|:::|^\([\w-]+\)=|\]\{|^\+\+\+", re.M)
# What Markdown would have turned into something else.
MARKS = re.compile(r"\*\*|^#+ |\]\(|:::|\{[\w:]+\}`|\\\[|\\\]", re.M)


def notebook(site: Path, page: pages.Page) -> NotebookNode:
    path = site / page.language / "notebooks" / f"{page.name}.ipynb"
    assert path.exists(), "every page becomes a notebook"
    return nbformat.read(path, as_version=4)


def page_cells(page: pages.Page) -> list[NotebookNode]:
    cells = jupytext.read(page.source, fmt="md:myst").cells
    return [cell for cell in cells if cell.cell_type == "code"]


def code(found: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in found.cells if cell.cell_type == "code"]


def prose(found: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in found.cells if cell.cell_type == "markdown")


@functools.cache
def rendered(path: Path) -> HtmlElement:
    text, _ = HTMLExporter(embed_images=False).from_filename(str(path))
    return html.document_fromstring(text)


@EVERY_PAGE
def test_a_notebook_is_valid_and_says_its_language_and_title(site, page):
    found = notebook(site, page)
    nbformat.validate(found)
    assert found.metadata.lang == page.language
    assert found.metadata.language_info.name == "python"
    assert f"# {found.metadata.title}" in prose(found).splitlines()[0].replace("\\", "")


@EVERY_PAGE
def test_the_code_is_the_pages_own_below_one_cell_that_brings_the_package(site, page):
    cells, sources = code(notebook(site, page)), [cell.source for cell in page_cells(page)]
    if sources:
        known, made = publication(pages.config()), wheel.made()
        assert cells.pop(0).source == first_cell.source(made, known.site, page.language)
    assert [cell.source for cell in cells] == sources


@EVERY_PAGE
def test_the_outputs_are_those_of_the_run_as_a_downloaded_notebook(site, page):
    if not page_cells(page):
        return
    executed = store.executed(page)
    assert executed is not None
    shown = code(notebook(site, page))[1:]
    for cell, original in zip(shown, code(executed), strict=True):
        printed = "".join(output.get("text", "") for output in original.outputs)
        assert "".join(output.get("text", "") for output in cell.outputs) == printed


@EVERY_PAGE
def test_nothing_of_mysts_syntax_is_left(site, page):
    without_code = re.sub(
        r"^(`{3,})\w*\n.*?^\1$|`+[^`]+`+", "", prose(notebook(site, page)), flags=re.M | re.S
    )
    assert MYST.findall(without_code) == []
    for left in ("{glue", "{term}", "{numref}", "{eq}", "{ref}", "footcite", "{claim}"):
        assert left not in without_code


@EVERY_PAGE
def test_claims_figures_and_exercises_are_all_there(site, page):
    found, source = prose(notebook(site, page)), facts(page.source.read_text(encoding="utf-8"))
    directives = [directive.what.split()[0] for directive in source.directives]
    assert found.count('<details class="claim-evidence">') == len(source.claims)
    figures = {"ko": r"\*\*그림 [\d.]+\*\*", "en": r"\*\*Fig\. [\d.]+\*\*"}[page.language]
    n_figures = directives.count("{glue:figure}") + directives.count("{chapter-figure}")
    assert len(re.findall(figures, found)) == n_figures
    exercises = {"ko": r"> \*\*연습 ?문제 \d+", "en": r"> \*\*Exercise \d+"}[page.language]
    assert len(re.findall(exercises, found)) == directives.count("{exercise}")
    solutions = calls(source.cells, "exercises.solution")
    folds = n_figures + directives.count("{dropdown}") + len(solutions)
    assert len(re.findall("^<details>$", found, re.M)) == folds
    assert found.count("\n\n</details>") == folds + directives.count("{predict}")


@EVERY_PAGE
def test_every_picture_says_what_it_shows_in_the_pages_language(site, page):
    path = site / page.language / "notebooks" / f"{page.name}.ipynb"
    for image in rendered(path).iter("img"):
        alternative = image.get("alt", "")
        assert len(alternative) > 20, html.tostring(image)[:200]
        assert any("가" <= letter <= "힣" for letter in alternative) == (page.language == "ko")
        if not image.get("src").startswith("data:image/png"):
            known = publication(pages.config()).site
            assert known, "a picture that is not part of the notebook must be on the site"
            assert (site / image.get("src").removeprefix(known)).is_file()


@EVERY_PAGE
def test_as_html_it_shows_no_markup(site, page):
    path = site / page.language / "notebooks" / f"{page.name}.ipynb"
    for cell in map(copy.deepcopy, rendered(path).cssselect(".jp-MarkdownOutput")):
        for hidden in cell.cssselect("pre, code"):
            hidden.drop_tree()
        text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", "", cell.text_content(), flags=re.S)
        assert MARKS.findall(text) == [], text[:300]


@EVERY_PAGE
def test_links_lead_to_something(site, page):
    path = site / page.language / "notebooks" / f"{page.name}.ipynb"
    known = publication(pages.config()).site
    for link in rendered(path).cssselect(".jp-MarkdownOutput a[href]:not(.anchor-link)"):
        address = link.get("href")
        if known and address.startswith(known):
            target = site / unquote(urlsplit(address.removeprefix(known)).path)
        elif urlsplit(address).scheme in ("http", "https"):
            continue
        else:
            target = path.parent / unquote(urlsplit(address).path)
        assert target.is_file(), address
        place = urlsplit(address).fragment
        assert not place or f'id="{place}"' in target.read_text(encoding="utf-8"), address


@pytest.mark.parametrize("name", [zip_name, unsolved_zip_name])
@pytest.mark.parametrize("language", pages.LANGUAGES)
def test_a_zip_holds_what_a_reader_needs(site, language, name):
    folder = site / language / "notebooks"
    with zipfile.ZipFile(folder / name(language)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    notebooks = {f"{name}.ipynb" for name in pages.page_names()}
    said = json.loads((site / "build.json").read_text(encoding="utf-8"))["wheel"]
    assert set(held) == notebooks | {said["file"], "requirements.txt", "README.md"}
    assert held[said["file"]] == (site / said["file"]).read_bytes()
    assert hashlib.sha256(held[said["file"]]).hexdigest() == said["sha256"]
    for each in pages.page_names():
        path = folder / f"{each}.ipynb"
        if name is unsolved_zip_name and (folder / unsolved_name(each)).exists():
            path = folder / unsolved_name(each)
        assert held[f"{each}.ipynb"] == path.read_bytes()


def test_without_data_and_network_the_unpacked_notebook_ends_in_one_clear_message(site, tmp_path):
    def first_load(name: str) -> int:
        cells = page_cells(pages.Page("ko", name))
        loading = [i for i, cell in enumerate(cells) if "data.load_" in cell.source]
        return min(loading, default=10**6)

    name = min(pages.page_names(), key=first_load)  # the one that needs its data soonest
    with zipfile.ZipFile(site / "ko" / "notebooks" / zip_name("ko")) as archive:
        archive.extractall(tmp_path / "zip")
    empty = {"LESSONS_OFFLINE": "1", "LESSONS_DATA_DIR": "", "HOME": str(tmp_path)}
    empty |= {"KERAS_HOME": str(tmp_path / "keras"), "USERPROFILE": str(tmp_path)}
    with reader.kernel(reader.environment(), empty):
        run = NotebookRun(tmp_path / "zip" / f"{name}.ipynb", 240, kernel=reader.KERNEL)
        result = run.execute()
    cells = code(result.nb)
    assert first_cell.installed("ko") in cells[0].outputs[0].text
    errors = [out for cell in cells for out in cell.outputs if out.output_type == "error"]
    assert [error.ename for error in errors] == ["DataError"]
    for part in ("No copy of the", "LESSONS_DATA_DIR: not set", "LESSONS_OFFLINE", "What to do:"):
        assert part in errors[0].evalue
    assert errors[0].evalue.count("\n") == 4, "one line each way, and one that says what to do"
