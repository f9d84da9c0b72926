"""One stylesheet and one script for all pages, and the policy that forbids any other script."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import furo
import sphinx
import tinycss2
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError

from bookwright import book
from bookwright import words as interface
from bookwright.markup import POLICY

# What is joined, in this order; the book's own styles, in `book/_static`, follow. Sphinx' own
# scripts (marks of its search, keys) are left out, and so are the styles of its basic theme, which
# Furo replaces.
STYLES = (
    "styles/furo.css",
    "pygments.css",
    "mystnb.*.css",
    "sphinx-design.min.css",
    "exercise.css",
    "copybutton.css",
    "styles/furo-extensions.css",
    "book.css",
    "claims.css",
    "figures.css",
    "newer.css",
    "side-by-side.css",
    "live/live.css",
    "predict/predict.css",
    "labs/labs.css",
    "search/search.css",
    "print.css",
)
SCRIPTS = (
    "documentation_options.js",  # read by sphinx-copybutton
    "scripts/furo.js",
    "clipboard.min.js",
    "copybutton.js",
    "language.js",
    "reading.js",
    "sortable.js",
    "search/search.js",
    "live/start.js",
    "predict/start.js",
    "labs/start.js",
)
# Runs before anything of a page is painted.
EARLY = ("theme.js", "predict/fold.js")
_COMPONENTS = "bookwright_components"  # of a page, in its metadata
_CLASS = re.compile(r"\bsd-[\w-]+")  # of a component of sphinx-design, in HTML
_COMPONENT = re.compile(r"\.(sd-[\w-]+)")  # in a selector


def _dark_code(app: Sphinx) -> None:
    """Sets Furo's option, which Sphinx does not know when it reads the configuration."""
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def _note_components(app: Sphinx, doctree: nodes.document) -> None:
    """Keeps which components of sphinx-design a page has, which decides what the styles hold."""
    elements = doctree.findall(nodes.Element)
    found = {name for node in elements for name in node["classes"] if name.startswith("sd-")}
    app.env.metadata[app.env.docname][_COMPONENTS] = " ".join(sorted(found))


def _one_of_each(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Lets the template name the joined files, with a hash, so that no browser keeps old ones."""
    components = sorted({page.get(_COMPONENTS, "") for page in app.env.metadata.values()})
    hashed = (app.config.bookwright_static, furo.__version__, sphinx.__version__, *components)
    digest = hashlib.sha256(" ".join(hashed).encode()).hexdigest()[:8]
    context["assets"] = {"style": f"_static/site.css?v={digest}"}
    context["assets"] |= {"script": f"_static/site.js?v={digest}"}
    context["assets"] |= {"early": f"_static/early.js?v={digest}"}
    context["security_policy"] = POLICY


def _words(app: Sphinx) -> str:
    """What `language.js` has sphinx-copybutton say."""
    words = json.dumps(interface.of(app.config.language)["copy_button"], ensure_ascii=False)
    return f"const copyButtonWords = {words};\n"


def _join(static: Path, parts: tuple[str, ...], separator: str) -> str:
    """Reads the files that the patterns name.

    Raises:
        ExtensionError: A pattern names no file, or more than one.
    """
    texts = []
    for part in parts:
        found = list(static.glob(part))
        if len(found) != 1:
            raise ExtensionError(f"expected one file {part} in {static}, found {len(found)}")
        texts.append(found[0].read_text(encoding="utf-8"))
    return separator.join(texts)


def without_line_comments(script: str) -> str:
    """A script without the lines that only its authors read."""
    return re.sub(r"(?m)^[ \t]*//.*\n", "", script)


def _without_comments(nodes: list[Any]) -> list[Any]:
    """Styles without what only their authors read; notices of licences (`/*!`) stay."""
    kept = []
    for node in nodes:
        if node.type != "comment" or node.value.startswith("!"):
            for part in ("content", "arguments"):
                if inner := getattr(node, part, None):
                    setattr(node, part, _without_comments(inner))
            kept.append(node)
    return kept


def _of_used(rules: list[Any], used: set[str]) -> list[Any]:
    """Styles without those of sphinx-design's components that no page has, which are most.

    Args:
        rules: The rules of a stylesheet.
        used: The components' classes on the pages.
    """
    kept = []
    for rule in rules:
        if rule.type == "at-rule" and rule.at_keyword == "media":
            rule.content = _of_used(tinycss2.parse_rule_list(rule.content), used)
        elif rule.type == "qualified-rule":
            selectors = tinycss2.serialize(rule.prelude).split(",")
            left = [one for one in selectors if used.issuperset(_COMPONENT.findall(one))]
            rule.prelude = tinycss2.parse_component_value_list(",".join(left))
            if not left:
                continue
        kept.append(rule)
    return kept


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    static = Path(app.outdir, "_static")
    own = sorted(path.name for path in (book.ROOT / "book" / "_static").glob("*.css"))
    style = _join(static, (*STYLES, *own), "\n")
    read = _without_comments(tinycss2.parse_component_value_list(style))
    pages = Path(app.outdir).rglob("*.html")
    used = {name for page in pages for name in _CLASS.findall(page.read_text(encoding="utf-8"))}
    read = _of_used(tinycss2.parse_stylesheet(read), used)
    (static / "site.css").write_text(tinycss2.serialize(read), encoding="utf-8")
    early = without_line_comments(_join(static, EARLY, "\n"))
    (static / "early.js").write_text(early, encoding="utf-8")
    script = _words(app) + without_line_comments(_join(static, SCRIPTS, "\n;\n"))
    (static / "site.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.connect("builder-inited", _dark_code, priority=100)  # before Furo reads it
    app.connect("doctree-read", _note_components)
    app.connect("html-page-context", _one_of_each)
    app.connect("build-finished", _write, priority=900)  # after Furo has written pygments.css
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
