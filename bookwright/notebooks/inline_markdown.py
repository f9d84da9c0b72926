"""The inline half of `jupyter_markdown`: text, bold type, formulas, links."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

# Signs that Markdown would read as something else. An underscore inside a word is none of them.
_MARKS = re.compile(r"[\\`*\[\]<$~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


def literal(text: str) -> str:
    """Text that shall show as it is."""
    return _MARKS.sub(r"\\\g<0>", text)


class InlineMarkdown:
    """Turns inline nodes into Markdown; see `JupyterMarkdown` for the arguments."""

    def __init__(
        self, link: Callable[[str], str | None], picture: Callable[[str], str | None]
    ) -> None:
        self.link, self.picture = link, picture

    def inlines(self, node: nodes.Node) -> str:
        """All that a node holds, as one run of text."""
        return "".join(map(self.inline, node.children))

    def inline(self, node: nodes.Node) -> str:
        """One inline node."""
        if isinstance(node, nodes.problematic):  # a reader of the page has complained of it
            return ""
        for kind in type(node).__mro__:
            if method := getattr(self, f"inline_{kind.__name__}", None):
                return method(node)
        logger.warning("a notebook cannot show %r in a line", type(node).__name__, location=node)
        return ""

    def _emphasized(self, node: nodes.Node, mark: str, tag: str) -> str:
        # Asterisks between a sign and a letter are no emphasis: `**용어(term)**는` stays as it is.
        text, place = self.inlines(node), node.parent.index(node)
        beside = ["".join(x.astext() for x in node.parent.children[:place])[-1:], text[:1]]
        beside += [text[-1:], "".join(x.astext() for x in node.parent.children[place + 1 :])[:1]]
        outer, inner = (beside[0], beside[3]), beside[1:3]
        if all(y.isalnum() or not x.strip() for x, y in zip(outer, inner, strict=True)):
            return f"{mark}{text}{mark}"
        return f"<{tag}>{text}</{tag}>"

    def bold(self, text: str) -> str:
        """Bold type with nothing but blanks on both sides."""
        return f"**{text}**"

    def inline_Text(self, node: nodes.Text) -> str:
        """Plain text; the line breaks of its source are blanks."""
        return literal(re.sub(r"\s*\n\s*", " ", node.astext()))

    def inline_strong(self, node: nodes.strong) -> str:
        """Bold type."""
        return self._emphasized(node, "**", "strong")

    def inline_emphasis(self, node: nodes.emphasis) -> str:
        """Italic type."""
        return self._emphasized(node, "*", "em")

    inline_title_reference = inline_emphasis

    def inline_literal(self, node: nodes.literal) -> str:
        """Code, between as many ticks as it needs."""
        code = node.astext()
        ticks = "`" * (max(map(len, re.findall(r"`+", code)), default=0) + 1)
        blank = " " if code.startswith("`") or code.endswith("`") else ""
        return f"{ticks}{blank}{code}{blank}{ticks}"

    def inline_math(self, node: nodes.math) -> str:
        """A formula in the text."""
        return f"${' '.join(node.astext().split())}$"

    def inline_inline(self, node: nodes.Element) -> str:
        """What only carries classes; what speaks of the site's own buttons is left out."""
        return "" if "site-only" in node.get("classes", []) else self.inlines(node)

    inline_generated = inline_abbreviation = inline_inline

    def inline_reference(self, node: nodes.reference) -> str:
        """A link, if there is a place it can lead to."""
        text = self.inlines(node)
        address = node.get("refuri", "") + (f"#{node['refid']}" if "refid" in node else "")
        target = address if urlsplit(address).scheme else self.link(address)
        if not target:
            return text
        return f"[{text}](<{target}>)" if re.search(r"[\s()]", target) else f"[{text}]({target})"

    def inline_footnote_reference(self, node: nodes.footnote_reference) -> str:
        """The number of an entry of the references."""
        return rf"\[{node.astext()}\]"

    def inline_superscript(self, node: nodes.superscript) -> str:
        """A raised text."""
        return f"<sup>{self.inlines(node)}</sup>"

    def inline_subscript(self, node: nodes.subscript) -> str:
        """A lowered text."""
        return f"<sub>{self.inlines(node)}</sub>"

    def inline_target(self, node: nodes.target) -> str:
        """A place that others lead to: shows its text."""
        return self.inlines(node)

    def inline_raw(self, node: nodes.raw) -> str:
        """HTML inside a line."""
        return node.astext() if "html" in node["format"].split() else ""

    def inline_image(self, node: nodes.image) -> str:
        """A picture that the site carries, or what it shows."""
        return self.image_of(node) or literal(node.get("alt", ""))

    def inline_index(self, node: nodes.Node) -> str:
        """An entry of the index shows nothing where it stands."""
        return ""

    inline_comment = inline_index

    def image_of(self, node: nodes.image) -> str:
        """The picture with its alternative text; empty if a notebook has no way to it."""
        address = self.picture(node.get("uri", ""))
        alternative = escape(node.get("alt", ""), quote=True)
        return f'<img src="{escape(address)}" alt="{alternative}">' if address else ""
