"""`{predict}`: a question above the cell that measures its answer; what follows waits for a guess.

The page holds all of it, in its order: question, cell, result, and behind that the right answer
with what is wrong about the others. A script folds the result until the reader has answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.variables import RetrievalError
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import blocks
from bookwright import words as interface
from bookwright.claims.extension import judged
from bookwright.predict import question
from bookwright.predict.answer import Answer, answer
from bookwright.predict.question import Question

logger = logging.getLogger(__name__)
_ANSWER = "bookwright_answer"  # what a question's node holds until its result is found


class End(nodes.General, nodes.Element):
    """Where the result of a question ends, if that is before the end of its section."""


class Predict(SphinxDirective):
    """Directive with a claim's id as its argument; the question and its answers are its content."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "because": directives.unchanged_required,
        "expected": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Renders the question; its answer goes behind the result, once that is found."""
        name = self.arguments[0]
        because, expected = (self.options.get(each, "") for each in ("because", "expected"))
        try:
            asked = question.read(name, "\n".join(self.content), because, expected, self.lineno)
            claim = judged(self.state.document, self.env)[name]
        except question.NotAQuestion as error:
            raise self.error(f"{{predict}} {name}: {error}") from error
        except (KeyError, RetrievalError):
            what = f"{{predict}} {name}: no cell of this page measures a claim of this name"
            logger.warning(what, location=self.get_location())
            return []
        words = interface.of(self.config.language)["predict"]
        box = nodes.container(classes=[blocks.QUESTION.name], ids=[f"predict-{name}"])
        self.set_source_info(box)
        box += nodes.paragraph("", "", nodes.strong("", words["title"]))
        box += self.parse_text_to_nodes(asked.text)
        choices = nodes.enumerated_list(classes=[blocks.CHOICES.name])
        for option in asked.options:
            choices += nodes.list_item("", nodes.paragraph("", "", *self._line(option.text)))
        box += choices
        box[_ANSWER] = self._answer(words, asked, answer(asked, claim))
        return [box]

    def _line(self, text: str) -> list[nodes.Node]:
        found, _ = self.parse_inline(text)
        return found

    def _answer(self, words: dict[str, Any], asked: Question, given: Answer) -> list[nodes.Node]:
        """What stands behind the result."""
        if given.right is None:
            line = nodes.paragraph("", words[given.why], classes=[blocks.ANSWER.name])
            return [line]
        told = nodes.enumerated_list()
        for number, option in enumerate(asked.options):
            line = nodes.paragraph("", words["right"])
            if number != given.right:
                line = nodes.paragraph("", f"{words['wrong']} ", *self._line(option.why))
            told += nodes.list_item("", line, classes=["right"] if number == given.right else [])
        opening = f'<details class="{blocks.ANSWER.name}"><summary>{words["answers"]}</summary>'
        raw = (nodes.raw("", html, format="html") for html in (opening, "</details>"))
        return [next(raw), told, next(raw)]


class PredictEnd(SphinxDirective):
    """Directive without argument or content: the result of the question above ends here."""

    def run(self) -> list[nodes.Node]:
        """Leaves a mark, which is taken away when the page has been read."""
        return [End()]


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _result(box: nodes.container) -> Iterator[nodes.Node]:
    """What follows the cell below a question, to the next one, a mark or the section's end."""
    siblings = box.parent.children
    for node in siblings[siblings.index(box) + 2 :]:
        if isinstance(node, nodes.section | End) or _ANSWER in getattr(node, "attributes", ()):
            return
        yield node


def _lead_to_labs(box: nodes.container, result: nodes.container, words: str) -> None:
    """Says at a question that a lab is folded with its result; the link unfolds it."""
    for node in result.findall(nodes.Element):
        if blocks.LAB.name in node["classes"]:
            link = nodes.reference("", words, refid=node["ids"][0], internal=True)
            box += nodes.paragraph("", "", link, classes=["site-only"])


def _fold(app: Sphinx, doctree: nodes.document) -> None:
    """Puts the result of each question into a container, which a script can fold."""
    for box in [node for node in doctree.findall(nodes.container) if _ANSWER in node]:
        name = box["ids"][0].removeprefix("predict-")
        cell = box.next_node(descend=False, siblings=True)
        if cell is None or not _is_cell(cell):
            what = f"{{predict}} {name}: write it right above the cell that measures"
            logger.warning(what, location=box)
            continue
        for part in cell.children:
            if "cell_output" in part["classes"]:
                part["classes"].append(blocks.RESULT.name)
                part["ids"].append(f"output-{name}")
        found = list(_result(box))
        result = nodes.container("", classes=[blocks.RESULT.name], ids=[f"result-{name}"])
        for node in found:
            box.parent.remove(node)
        box.parent.insert(box.parent.index(cell) + 1, result)
        result += [*found, *box[_ANSWER]]
        _lead_to_labs(box, result, interface.of(app.config.language)["predict"]["lab"])
        if not any(f"claim-{name}" in node["ids"] for node in result.findall(nodes.container)):
            what = f"{{predict}} {name}: its claim stands elsewhere, where nothing folds it"
            logger.warning(what, location=box)
    for box in [node for node in doctree.findall(nodes.container) if _ANSWER in node]:
        del box[_ANSWER]
    for mark in list(doctree.findall(End)):
        mark.parent.remove(mark)


def _show(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """The button that shows all; a script shows it, and neither paper nor notebooks have it."""
    if app.builder.format != "html":
        return
    words = interface.of(app.config.language)["predict"]
    html = (
        f'<button class="predict-all" type="button" data-again="{escape(words["again"])}"'
        f">{escape(words['all'])}</button>"
    )
    for box in doctree.findall(nodes.container):
        if blocks.QUESTION.name in box["classes"]:
            box += nodes.raw("", html, format="html", classes=["site-only"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_node(End)
    app.add_directive("predict", Predict)
    app.add_directive("predict-end", PredictEnd)
    app.connect("doctree-read", _fold)
    app.connect("doctree-resolved", _show)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
