"""The list of chapters beside each page: made once for a build, and short in a long book.

Sphinx resolves the whole table of contents again for every page, and Furo keeps each page's copy:
twice the chapters take four times as long, and as many bytes. The pages of one folder have the same
list but for the place of the reader, so it is made once; and where it is long, a page shows the
chapters around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LONG = 60  # entries of a list that is shown whole
AROUND = 20  # entries before and after the page's own in a longer one

_ENTRY = re.compile(
    r'<li class="toctree-l1"><a class="reference internal" href="([^"#]*)">.*?</a></li>\n?', re.S
)


def around(tree: str, address: str, more: str) -> str:
    """The list as one page shows it.

    Args:
        tree: The list of all chapters, as a page that is in none of its entries sees it.
        address: The page, as the list links to it.
        more: What stands for the entries that are left out, as HTML.

    Returns:
        The list with the page's entry marked; of more than `LONG` entries, only those around it.
    """
    entries = list(_ENTRY.finditer(tree))
    here = next((k for k, entry in enumerate(entries) if entry[1] == address), None)
    marked = tree
    if here is not None:
        start, end = entries[here].span()
        own = entries[here][0].replace('"toctree-l1"', '"toctree-l1 current"')
        own = own.replace(
            '"reference internal" href="' + address, '"current reference internal" href="#'
        )
        before, _, list_start = tree[:start].rpartition("<ul>")
        marked = f'{before}<ul class="current">{list_start}{own}{tree[end:]}'
    if len(entries) <= LONG:
        return marked
    first = max(0, (here or 0) - AROUND)
    last = min(len(entries), (here or 0) + AROUND + 1)
    found = list(re.finditer(r"<li class=\"toctree-l1.*?</li>\n?", marked, re.S))
    kept = [entry[0] for entry in found[first:last]]
    gap = f'<li class="toctree-l1">{more}</li>\n'
    return f"<ul>\n{gap if first else ''}{''.join(kept)}{gap if last < len(entries) else ''}</ul>\n"


def _flat(tree: str) -> bool:
    """Whether the list has one level: only then do its entries stand one after another."""
    return "toctree-l2" not in tree and len(_ENTRY.findall(tree)) == tree.count("<li")


def _share(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.Node | None
) -> None:
    original: Callable[..., str] | None = context.get("toctree")
    root = app.config.root_doc
    if original is None or doctree is None or "/" in pagename:
        return
    builder: Any = app.builder
    made: dict[str, str] = builder.__dict__.setdefault("bookwright_navigation", {})

    def toctree(**options: Any) -> str:  # noqa: ANN401
        key = repr(sorted(options.items()))
        if key not in made:
            # As the front page sees it: it is in none of the list's entries.
            made[key] = builder._get_local_toctree(root, **options) or ""
        if not _flat(made[key]):
            return original(**options)
        address = builder.get_relative_uri(root, pagename)
        front = builder.get_relative_uri(pagename, root)
        more = f'<a class="reference internal" href="{front}">…</a>'
        return around(made[key], address, more)

    context["toctree"] = toctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("html-page-context", _share, priority=100)  # before the theme asks for the list
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
