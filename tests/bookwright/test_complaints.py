"""What Sphinx complains of, and what stops it, as problems."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import docutils_namespace, patch_docutils

from bookwright import complaints
from bookwright.problems import Problem, ProblemError
from tests.helpers import said

PAGE = "# Title\n\nProse.\n\n{{ref}}`{label}`\n"


@pytest.mark.parametrize(
    ("location", "file", "line"),
    [
        ("{root}/book/en/rnn.md:12", "book/en/rnn.md", 12),
        ("{root}/book/en/rnn.md", "book/en/rnn.md", None),
        ("{root}/book/en/rnn.md:12:<a directive>", "book/en/rnn.md", 12),
        ("{root}/book/en/a b:c.md:7", "book/en/a b:c.md", 7),
        ("book/references.bib:3", "book/references.bib", 3),
        ("/elsewhere/page.md:12", "/elsewhere/page.md", 12),
        ("{root}/book/en/rnn.md.rst:12", "book/en/rnn.md", 12),
        ("", "", None),
    ],
)
def test_a_complaint_is_put_to_its_file_and_line(tmp_path, monkeypatch, location, file, line):
    monkeypatch.setattr(complaints.book, "ROOT", tmp_path)
    found = complaints.problem("undefined label: 'fig-a'", location.format(root=tmp_path))
    assert found == Problem("undefined label: 'fig-a'", file, line)


def test_a_cell_that_warns_is_told_to_do_so_and_not_by_a_number():
    found = complaints.problem("stderr was found in the cell outputs of cell 2", "a.md:7")
    said = "the cell that starts here writes to standard error, as a warning does: see to it"
    assert found == Problem(said, "a.md", 7)


@pytest.mark.parametrize("folder", ["{root}/book/en/", "book/en/", ""])
def test_a_complaint_names_files_alike_in_every_language_and_clone(tmp_path, monkeypatch, folder):
    monkeypatch.setattr(complaints.book, "ROOT", tmp_path)
    given = f"not found: '{folder.format(root=tmp_path)}none.csv'"
    found = complaints.problem(given, f"{tmp_path}/book/en/rnn.md:2")
    assert str(found) == "book/en/rnn.md:2: not found: 'none.csv'"


@pytest.fixture
def app(tmp_path, monkeypatch) -> Iterator[Sphinx]:
    """Sphinx on a language with one page, which refers to nothing."""
    monkeypatch.setattr(complaints.book, "ROOT", tmp_path)
    monkeypatch.setattr(complaints, "collector", None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "_toc.yml").touch()
    source = tmp_path / "book" / "en"
    source.mkdir(parents=True)
    (source / "index.md").write_text(PAGE.format(label="none"), encoding="utf-8")
    config = {"extensions": ["bookwright.complaints", "myst_parser"], "nitpicky": True}
    config["suppress_warnings"] = ["mine.quiet"]
    folders = (source, None, tmp_path / "out", tmp_path / "doctrees")
    with patch_docutils(), docutils_namespace():
        yield Sphinx(*folders, "dummy", config, status=None, warning=io.StringIO())


def test_what_sphinx_complains_of_is_kept_with_its_place(app):
    app.build()
    (found,) = complaints.collector.found
    assert str(found) == "book/en/index.md:5: undefined label: 'none'"


def test_a_complaint_comes_as_it_was_said_and_without_what_would_silence_it(app):
    logger = logging.getLogger("bookwright")
    logger.warning("it is\n  wrong", type="mine", subtype="loud", location=("index", 3))
    logger.error("100 %% of %s", "it")
    logger.warning("no matter", type="mine", subtype="quiet")
    logger.info("going on")
    assert said(complaints.collector.found) == ["book/en/index.md:3: it is wrong", "100 % of it"]


def test_an_unknown_role_with_a_colon_is_complained_of_once(app):
    (app.srcdir / "index.md").write_text("# Title\n\n{cite:p}`nobody`\n", encoding="utf-8")
    app.build()
    wanted = ['book/en/index.md:3: Unknown interpreted text role "cite:p".']
    assert said(complaints.collector.found) == wanted


def fail(app: Sphinx, error: Exception) -> tuple[Problem, ...]:
    """What is said if an error stops the build at its page."""

    def stop(*_: object) -> None:
        raise error

    app.connect("doctree-read", stop)
    try:
        app.build()
    except Exception as caught:
        assert isinstance(caught, ExtensionError)
        return complaints.collector.stopped(caught, "en")
    pytest.fail("the build went on")


def test_a_problem_that_stops_the_build_is_said_as_it_is(app):
    given = (Problem("is not YAML", "book/glossary.yml", 3), Problem("too few words"))
    assert fail(app, ProblemError(*given)) == given


@pytest.mark.parametrize("error", [RuntimeError("do this"), ExtensionError("do this")])
def test_an_error_that_says_what_to_do_is_said_as_it_is(app, error):
    assert fail(app, error) == (Problem("do this"),)


def test_what_ended_the_process_is_said_as_it_is(app):
    given = (Problem("too few words", "book/words.yml"),)
    try:
        raise SystemExit("too few words") from ProblemError(*given)
    except SystemExit as error:
        assert complaints.collector.stopped(error, "en") == given


def test_whatever_else_stops_the_build_is_said_with_the_page_that_sphinx_was_at(app, tmp_path):
    (found,) = fail(app, KeyError("a slip"))
    assert found.place == "book/en/index.md"
    happened = "something unexpected happened: KeyError: 'a slip'"
    assert found.what == f"{happened} (traceback: _build/traceback.log)"
    kept = (tmp_path / "_build" / "traceback.log").read_text(encoding="utf-8")
    assert "in stop\n" in kept


def test_before_the_first_page_no_page_is_blamed(app):
    assert complaints.collector.at is None
    try:
        raise KeyError("a slip")
    except KeyError as error:
        (found,) = complaints.collector.stopped(error, "en")
    assert found.file == ""
