"""Writes a page that Sphinx has resolved as the Markdown that every notebook program shows.

CommonMark with tables, `$` formulas and the HTML that GitHub, Colab, JupyterLab and VS Code all
let through: `<details>`, `<strong>`, `<sup>`. A node that this does not know is a warning, so
nothing of a page is lost unseen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import NamedTuple

from docutils import nodes
from sphinx.locale import admonitionlabels
from sphinx.util import logging

from bookwright import blocks
from bookwright.figures.extension import FigureData
from bookwright.notebooks.inline_markdown import InlineMarkdown

logger = logging.getLogger(__name__)

NOTHING = (nodes.Invisible, nodes.colspec, nodes.target, nodes.meta)


class CodeCell(NamedTuple):
    """Stands among the Markdown where a code cell of the page is."""

    number: int  # of the notebook's cells, from 0


def quote(markdown: str) -> str:
    """Puts Markdown into a block quotation."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.split("\n"))


def fold(summary: str, markdown: str) -> str:
    """Markdown that opens on a click; without the empty lines it would not be read as Markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{markdown}\n\n</details>"


def fence(code: str, language: str) -> str:
    """A code block, with a fence longer than any in the code."""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", code)), 3)
    return f"{ticks}{language}\n{code.rstrip()}\n{ticks}"


class JupyterMarkdown(InlineMarkdown):
    """Turns the nodes of one page into Markdown and places for its code cells.

    Args:
        link: Turns the address of a page as Sphinx wrote it into one that works in a notebook;
            None if there is none, and the text stays without link.
        number: Gives "Figure 3" or the like for a kind of node and its id; empty without number.
        picture: Turns the address of an image into one that works in a notebook, or None.
        words: Interface words of the language.
    """

    def __init__(
        self,
        link: Callable[[str], str | None],
        number: Callable[[str, str], str],
        picture: Callable[[str], str | None],
        words: dict[str, str],
    ) -> None:
        super().__init__(link, picture)
        self.number, self.words = number, words
        self.depth = 0

    def parts(self, node: nodes.Node) -> Iterator[str | CodeCell]:
        """The page from top to bottom: blocks of Markdown, and the places of code cells."""
        for child in node.children:
            if blocks.RESULT.name in getattr(child, "attributes", {}).get("classes", ()):
                yield from self.parts(child)
            elif isinstance(child, nodes.section):
                self.depth += 1
                yield from self.parts(child)
                self.depth -= 1
            elif isinstance(child, nodes.container) and child.get("nb_element") == "cell_code":
                yield CodeCell(child["cell_index"])
            elif block := self.block(child):
                yield block

    def block(self, node: nodes.Node) -> str:
        """One block of Markdown; empty if the node shows nothing."""
        classes = getattr(node, "attributes", {}).get("classes", ())
        if isinstance(node, NOTHING) or "site-only" in classes:
            return ""
        for kind in type(node).__mro__:
            if method := getattr(self, f"block_{kind.__name__}", None):
                return method(node)
        if isinstance(node, nodes.Text | nodes.Inline):  # a paragraph without its own node
            return self.inline(node)
        logger.warning("a notebook cannot show %r", type(node).__name__, location=node)
        return ""

    def blocks(self, children: list[nodes.Node]) -> str:
        """Blocks one below the other."""
        return "\n\n".join(block for block in map(self.block, children) if block)

    def block_title(self, node: nodes.title) -> str:
        """A heading."""
        return f"{'#' * max(self.depth, 1)} {self.inlines(node)}"

    def block_paragraph(self, node: nodes.paragraph) -> str:
        """A paragraph; what stands at its start must not be read as a list or a heading."""
        text = self.inlines(node).strip()
        return re.sub(r"(?m)^(\s*)(?=[#>+=-]\s|[-=]+$)|^(\s*\d+)(?=[.)]\s)", r"\1\2\\", text)

    def block_rubric(self, node: nodes.rubric) -> str:
        """A heading that is in no list of contents."""
        return self.bold(self.inlines(node))

    def block_container(self, node: nodes.Element) -> str:
        """What only groups others, and a claim; if it does not hold, that is said before it."""
        if blocks.CLAIM.name not in node["classes"]:
            return self.blocks(node.children)
        *shown, evidence = filter(None, map(self.block, node.children))
        sentence = int(blocks.CLAIM_MARK.name in node.children[0].get("classes", []))
        shown[sentence] = f"{self.bold(self.words['claim'])} {shown[sentence]}"
        return quote("\n\n".join(shown)) + f"\n\n{evidence}"

    block_compound = block_glossary = block_section = block_container

    def block_bullet_list(self, node: nodes.bullet_list) -> str:
        """A list, each item's further lines below its text."""
        return self._items(node, ["-"] * len(node.children))

    def block_enumerated_list(self, node: nodes.enumerated_list) -> str:
        """A numbered list."""
        start = node.get("start", 1)
        return self._items(node, [f"{start + i}." for i in range(len(node.children))])

    def _items(self, node: nodes.Element, marks: list[str]) -> str:
        items = []
        for mark, item in zip(marks, node.children, strict=True):
            text = self.blocks(item.children)
            items.append(f"{mark} {textwrap.indent(text, ' ' * (len(mark) + 1)).lstrip()}")
        return ("\n\n" if any("\n\n" in item for item in items) else "\n").join(items)

    def block_definition_list(self, node: nodes.definition_list) -> str:
        """No notebook program knows definition lists: the terms in bold, their meaning below."""
        found = []
        for item in node.findall(nodes.definition_list_item):
            names = [self.inlines(term) for term in item.findall(nodes.term)]
            means = [self.blocks(x.children) for x in item.findall(nodes.definition)]
            first = " · ".join([self.bold(names[0]), *names[1:]])
            found += [first, *means]
        return "\n\n".join(found)

    def block_block_quote(self, node: nodes.block_quote) -> str:
        """A quotation."""
        return quote(self.blocks(node.children))

    def block_Admonition(self, node: nodes.Element) -> str:
        """A note, a warning, or an exercise with its number."""
        children = list(node.children)
        label = admonitionlabels.get(node.tagname, "")
        number = self.number("exercise", node["ids"][0]) if node["ids"] else ""
        title = self.inlines(children.pop(0)) if isinstance(children[0], nodes.title) else label
        return quote(f"{self.bold(f'{number} {title}'.strip())}\n\n{self.blocks(children)}")

    def block_LabBox(self, node: nodes.Element) -> str:
        """A lab's question with links to the site, which alone has labs; else nothing."""
        shown = self.block_Admonition(node)
        return shown if "](http" in shown else ""

    def block_dropdown_main(self, node: nodes.Element) -> str:
        """A hint that opens on a click."""
        title, body = node.children
        words = [x for x in title.findall(nodes.inline) if "sd-summary-text" in x["classes"]]
        return fold(self.inlines(words[0]) if words else "…", self.blocks(body.children))

    def block_sd_tab_label(self, node: nodes.Element) -> str:
        """The name of a tab, above what the tab shows."""
        return self.bold(self.inlines(node))

    def block_sd_tab_input(self, node: nodes.Element) -> str:
        """The switch of a tab: a notebook shows all tabs one below the other."""
        return ""

    def block_literal_block(self, node: nodes.literal_block) -> str:
        """Code that is not run."""
        classes = [name for name in node["classes"] if name != "code"]
        return fence(node.astext(), node.get("language", "".join(classes[:1])))

    def block_math_block(self, node: nodes.math_block) -> str:
        """A formula, with the number that the text refers to."""
        latex = node.astext().strip()
        number = self.number("displaymath", node["ids"][0]) if node["ids"] else ""
        if latex.startswith(r"\begin{align") or r"\tag{" in latex:
            return f"$$\n{latex}\n$$"
        tag = rf" \tag{{{number}}}" if number else ""
        return f"$$\n{latex}{tag}\n$$"

    def block_figure(self, node: nodes.figure) -> str:
        """The caption with its number, and what the drawing shows, for who cannot see it.

        The drawing itself is the output of the cell above: no notebook program shows pictures
        in Markdown that are part of the file (Colab and GitHub do not know attachments).
        """
        number = self.number("figure", node["ids"][0]) if node["ids"] else ""
        captions = [self.inlines(caption) for caption in node.findall(nodes.caption)]
        shown = [x for image in node.findall(nodes.image) if (x := self.image_of(image))]
        alternative = " ".join(image.get("alt", "") for image in node.findall(nodes.image))
        legend = [self.blocks(x.children) for x in node.findall(nodes.legend)]
        below = " ".join([self.bold(f"{number}."), *captions] if number else captions)
        described = fold(self.words["description"], escape(alternative)) if alternative else ""
        return "\n\n".join(filter(None, [*shown, below, *legend, described]))

    def block_image(self, node: nodes.image) -> str:
        """A picture that the site carries, or what it shows."""
        return self.image_of(node) or f"*{node.get('alt', '')}*"

    def block_FigureData(self, node: FigureData) -> str:
        """The numbers of a figure; the cell above it holds them all, so there is no download."""
        return node.html()

    def block_table(self, node: nodes.table) -> str:
        """A table with one line for each row; its title above."""
        rows = [
            [self.cell(entry) for entry in row.findall(nodes.entry)]
            for row in node.findall(nodes.row)
        ]
        if not any(node.findall(nodes.thead)):
            rows.insert(0, [""] * len(rows[0]))
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "|" + " --- |" * len(rows[0]))
        number = self.number("table", node["ids"][0]) if node["ids"] else ""
        titles = [self.inlines(title) for title in node.findall(nodes.title)]
        above = " ".join([self.bold(f"{number}."), *titles] if number else titles)
        return "\n\n".join(filter(None, [above, "\n".join(lines)]))

    def cell(self, entry: nodes.entry) -> str:
        """What one place of a table holds, on one line."""
        text = self.blocks(entry.children).replace("\n\n", "<br>").replace("\n", " ")
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    def block_footnote(self, node: nodes.footnote) -> str:
        """An entry of the references."""
        label, *text = node.children
        return rf"\[{label.astext()}\] {self.blocks(text)}"

    block_citation = block_footnote

    def block_line_block(self, node: nodes.line_block) -> str:
        """Lines that stay lines."""
        return "  \n".join(self.inlines(line) for line in node.findall(nodes.line))

    def block_transition(self, node: nodes.transition) -> str:
        """A rule."""
        return "---"

    def block_raw(self, node: nodes.raw) -> str:
        """HTML of our own extensions; an empty line would end it for Markdown.

        Its pictures, which the site's style draws, are left out, and its links lead where others
        do.
        """
        html = node.astext() if "html" in node["format"].split() else ""
        html = re.sub(r"<figure>.*?</figure>", "", html, flags=re.DOTALL)
        html = re.sub(r'<a href="([^"]+)">(.*?)</a>', self._anchor, html)
        return re.sub(r"\n\s*\n", "\n", html.strip())

    def _anchor(self, found: re.Match[str]) -> str:
        target = self.link(unescape(found[1]))
        return f'<a href="{escape(target)}">{found[2]}</a>' if target else found[2]
