"""`{statements-table}` and `{judged}`: what the sources say, and what the book finds of it.

The claims of other pages decide, so both are filled in when all pages have been read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from docutils import nodes
from docutils.parsers.rst import directives
from reproduction_words import REPRODUCTION_WORDS
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from lessons_src.reproduction import results, statements
from lessons_src.reproduction.comparison import confidence_interval

logger = logging.getLogger(__name__)
Cell: TypeAlias = str | list[nodes.Node]

_MARK = "statements"  # of a page that shows verdicts, in Sphinx' metadata of the page
_FOUND = {True: "holds", False: "fails", None: "undecided"}


class judged(nodes.Inline, nodes.TextElement):
    """Stands for a word or a number until all claims are known."""


class statements_table(nodes.General, nodes.Element):
    """Stands for the table until all claims are known."""


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, widths: Sequence[int], name: str
) -> nodes.table:
    """A table of texts or nodes; `sortable.js` lets the reader sort it where it runs."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=width) for width in widths]
    for part, lines in ((nodes.thead(), [heads]), (nodes.tbody(), rows)):
        for line in lines:
            entries = [nodes.entry("", _paragraph(cell)) for cell in line]
            part += nodes.row("", *entries)
        group += part
    return nodes.table("", group, classes=["sortable", name])


def _paragraph(cell: Cell) -> nodes.paragraph:
    if isinstance(cell, str):
        return nodes.paragraph(text=cell)
    return nodes.paragraph("", "", *cell)


def claim_verdicts(pages: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """What the book finds of its claims: "holds", "fails" or "undecided".

    On other data than a claim is about, nothing is decided.

    Args:
        pages: The judged claims of each page that was read.
    """
    return {
        claim["id"]: _FOUND[claim["held"]] if claim["counts"] else "undecided"
        for page in pages.values()
        for claim in page
    }


def _claims(env: BuildEnvironment) -> dict[str, list[dict[str, Any]]]:
    return getattr(env, "bookwright_claims", {})


class StatementsTable(SphinxDirective):
    """What the sources say, with verdicts; without content.

    `:without-erratum:` leaves only what does not hold and has no entry in the errata.
    """

    option_spec: ClassVar = {"without-erratum": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Leaves a place for the table."""
        for path in (results.RECORD, results.FOLDER / "statements.yml"):
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname][_MARK] = True
        place = statements_table("", refuted="without-erratum" in self.options)
        self.set_source_info(place)
        return [place]


class Judged(SphinxRole):
    """A word or a number that follows from verdicts.

    `statement ID` is the verdict on a statement, `statements VERDICT` how many have that verdict;
    `erratum LABEL` is the kind of an entry of the errata, `errata KIND` how many are of that kind.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leaves a place for it."""
        self.env.note_dependency(str(results.FOLDER / "statements.yml"))
        self.env.metadata[self.env.docname][_MARK] = True
        place = judged("", self.text)
        self.set_source_info(place)
        return [place], []


def errata_kinds(found: Sequence[statements.Statement]) -> dict[str, str]:
    """The kind of each entry of the errata that statements name, by its label."""
    verdicts: dict[str, list[str]] = {}
    for one in found:
        if one.erratum:
            verdicts.setdefault(one.erratum, []).append(one.verdict)
    return {label: statements.erratum_kind(of) for label, of in verdicts.items()}


def _said(asked: str, found: Sequence[statements.Statement], words: dict[str, str]) -> str | None:
    """What a place of `judged` says; None if there is nothing of that name."""
    what, _, name = asked.partition(" ")
    kinds = errata_kinds(found)
    if what == "statement":
        return next((words[one.verdict] for one in found if one.id == name), None)
    if what == "erratum" and name in kinds:
        return words[f"erratum_{kinds[name]}"]
    if what == "errata" and name in statements.ERRATA:
        return str(list(kinds.values()).count(name))
    if what == "statements" and name in statements.VERDICTS:
        return str(sum(one.verdict == name for one in found))
    return None


def _line(one: statements.Statement, language: str, links: dict[str, nodes.Node]) -> list[Cell]:
    """One row of the table: where, what is said, verdict, what shows it, note."""
    words, shown_by = REPRODUCTION_WORDS[language], list[nodes.Node]()
    for claim, direction in one.claims.items():
        mark = f" ({words['against']}) " if direction == "against" else " "
        shown_by += [links[claim].deepcopy(), nodes.Text(mark)]
    if one.values is not None:
        low, high = confidence_interval(one.values)
        shown_by.append(nodes.Text(f"{one.values.mean():+.3f} [{low:+.3f}, {high:+.3f}] "))
    if one.beside:
        shown_by.append(nodes.Text(f"{words['beside']}: "))
        for claim in one.beside:
            shown_by += [links[claim].deepcopy(), nodes.Text(" ")]
    where = f"{', '.join(one.sources)}; {one.place}"
    verdict = words[one.verdict]
    if one.today is not None:
        verdict += words["but_today"].format(words[one.today])
    return [where, one.says[language], verdict, shown_by or "–", one.note[language]]


def _links(
    shown: Sequence[statements.Statement], env: BuildEnvironment, place: nodes.Element
) -> dict[str, nodes.Node]:
    """A link to each claim that the statements name; a warning for one that no page has."""
    chapters, found = _chapters(env), {}
    for one in shown:
        for claim in (*one.claims, *one.beside):
            found[claim] = nodes.Text(claim)
            if claim in chapters:
                address = f"{chapters[claim]}.html#claim-{claim}"
                found[claim] = nodes.reference("", claim, refuri=address)
            else:
                logger.warning(f"statement {one.id!r}: no page has {claim!r}", location=place)
    return found


def _chapters(env: BuildEnvironment) -> dict[str, str]:
    """The page of each claim of the book."""
    return {
        claim: path.stem
        for path in sorted(Path(env.srcdir).glob("*.md"))
        for claim in re.findall(r"^:::\{claim\} (\S+)", path.read_text("utf-8"), re.MULTILINE)
    }


def fill_in(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Puts words, numbers and tables into their places."""
    if _MARK not in app.env.metadata.get(name, {}):
        return
    language = app.config.language
    words = REPRODUCTION_WORDS[language]
    found = statements.judged(claim_verdicts(_claims(app.env)))
    for place in list(doctree.findall(judged)):
        said = _said(place.astext(), found, words)
        if said is None:
            logger.warning(f"nothing is called {place.astext()!r}", location=place)
        place.replace_self(nodes.Text(said or ""))
    for place in list(doctree.findall(statements_table)):
        refuted = [one for one in found if one.verdict == "not-held" and not one.erratum]
        shown = refuted if place["refuted"] else found
        heads = [words[head] for head in ("where", "says", "verdict", "shown_by", "note")]
        links = _links(shown, app.env, place)
        lines = [_line(one, language, links) for one in shown]
        made = table(heads, lines, widths=(10, 28, 10, 18, 34), name="statements")
        # The theme wraps tables before this one is there.
        place.replace_self(nodes.container("", made, classes=["table-wrapper"]))


def to_write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that show verdicts, if a claim of another page has become another one."""
    found = claim_verdicts(_claims(env))
    if found == getattr(env, "statement_verdicts", None):
        return []
    env.statement_verdicts = found  # type: ignore[attr-defined]
    return [name for name, about in env.metadata.items() if _MARK in about]


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_node(judged)
    app.add_node(statements_table)
    app.add_directive("statements-table", StatementsTable)
    app.add_role("judged", Judged())
    app.connect("env-updated", to_write_again)
    app.connect("doctree-resolved", fill_in)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
