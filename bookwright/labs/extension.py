"""`{lab}`: the question of a lab, three of its settings as links, and the button that opens it.

On a page it is written so, and the first line is the question:

    :::{lab} initialization
    How much of the signal is left after thirty layers?

    - {lab}`Small weights <initialization std=0.02 depth=30>`: less than a hundredth is left.
    :::

Nothing else of the lab is on the page, and nothing is loaded before a reader opens it. A link says
in its query how the lab is set, and leads to its box; without scripts it leads to the box alone.

Each figure of curves has a lab, too (`of_figures.py`), named as the figure is: its button stands
below the figure's data, unless the page gives this lab a question, in the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from myst_nb.core.variables import RetrievalError
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.writers.html5 import HTML5Translator

from bookwright import blocks, glue
from bookwright import words as interface
from bookwright.labs import files, of_figures
from bookwright.problems import ProblemError

_SETTING = r'\s+(\w+)=(?:"([^"]*)"|(\S*))'
_LINK = re.compile(rf"(?P<title>.+?)\s*<(?P<name>[\w-]+)(?P<settings>(?:{_SETTING})*)>", re.DOTALL)

_GLUED = "lab-values"  # of each language's part of the site, for what cells hand over


class Opener(nodes.Invisible, nodes.Element):
    """The button of a lab; invisible but on the site."""


class LabBox(nodes.admonition):
    """A lab that nobody has opened yet: `lab`, its name; `glued`, what it works with, as JSON."""


class CurvesBox(nodes.Invisible, nodes.Element):
    """The button below the data of a figure of curves."""


def _find(name: str, document: nodes.document) -> tuple[files.Lab, dict[str, str]]:
    """A lab of the book or of a figure of this page, and what its box has to say.

    Raises:
        ValueError: The page has no such figure of curves, and the book no such lab.
        ProblemError: What describes the lab is wrong.
    """
    known = files.names()
    if name in known:
        return files.lab(name), {"lab": name}
    with contextlib.suppress(RetrievalError):
        tables = glue.of_document(document, f"figure:{name}")
        if found := of_figures.lab(name, tables):
            return found, _of_figure(tables)
    labs = ", ".join(known) or "none so far"
    raise ValueError(f"no figure of curves on this page is called {name!r}, and no lab ({labs})")


def _of_figure(tables: Any) -> dict[str, str]:  # noqa: ANN401
    return {"lab": files.CURVES.name} | of_figures.said(tables)


class LabDirective(SphinxDirective):
    """Directive with the lab's name as its argument; its content is the question and the links."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Renders question, links and button."""
        name = self.arguments[0]
        try:
            found, said = _find(name, self.state.document)
        except (ValueError, ProblemError) as error:
            raise self.error(str(error)) from error
        if said["lab"] == name:
            self.env.note_dependency(str(files.LABS / name / "lab.yml"))
        lines = [line.strip() for line in self.content]
        if not lines or not lines[0]:
            raise self.error(f"the lab {name!r} has no question: write it on its first line")
        end = next((n for n, line in enumerate(lines) if not line), len(lines))
        words = interface.of(self.config.language)["lab"]
        question, messages = self.state.inline_text(" ".join(lines[:end]), self.lineno)
        box = LabBox("", classes=["admonition", blocks.LAB.name], ids=[f"lab-{name}"], **said)
        if found.glued:
            try:
                value = glue.of_document(self.state.document, found.glued)
            except RetrievalError as error:
                raise self.error(
                    f"the lab {name!r} needs report.glue({found.glued}=...): {error}"
                ) from error
            box["glued"] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        box += nodes.title("", "", nodes.Text(f"{words['title']}: "), *question)
        self.state.nested_parse(StringList(self.content[end:]), self.content_offset + end, box)
        box += Opener()
        return [box, *messages]


class LabLink(SphinxRole):
    """{lab}`words <NAME control=value ...>`: a link to a lab on the same page, set so."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Makes the link."""
        found = _LINK.fullmatch(self.text)
        try:
            if found is None:
                raise ValueError("write {lab}`words <NAME control=value ...>`")
            pairs = {
                name: said or bare for name, said, bare in re.findall(_SETTING, found["settings"])
            }
            query = _find(found["name"], self.inliner.document)[0].query(pairs)
        except (ValueError, ProblemError) as error:
            message = self.inliner.reporter.error(f"{{lab}}: {error}", line=self.lineno)
            return [nodes.Text(self.text)], [message]
        page = f"{self.env.docname.rpartition('/')[2]}.html"
        address = f"{page}{query}#lab-{found['name']}"
        return [nodes.reference("", found["title"], refuri=address, internal=True)], []


def _offer(app: Sphinx, doctree: nodes.document) -> None:
    """Puts the button below the data of each figure of curves whose lab is not on the page yet."""
    for data in list(doctree.findall(nodes.Element)):
        if data.tagname != "FigureData" or f"lab-{data['key']}" in _boxes(doctree):
            continue
        if of_figures.panels(data["tables"]):
            said = _of_figure(data["tables"])
            box = CurvesBox("", Opener(plain=True), ids=[f"lab-{data['key']}"], **said)
            data.parent.insert(data.parent.index(data) + 1, box)


def _boxes(doctree: nodes.document) -> set[str]:
    return {name for box in doctree.findall(LabBox) for name in box["ids"]}


def _visit_box(translator: HTML5Translator, node: nodes.Element) -> None:
    path = f"{files.FOLDER}/{translator.config.bookwright_labs}/{node['lab']}"
    more = {"data-lab": path} | {f"data-{x}": node[x] for x in ("head", "log") if x in node}
    if "glued" in node:
        more["data-glued"] = _write(translator, node)
    plain = {"CLASS": f"{blocks.LAB.name} lab-plain"} if isinstance(node, CurvesBox) else {}
    translator.body.append(translator.starttag(node, "div", **more, **plain))


def _write(translator: HTML5Translator, node: nodes.Element) -> str:
    """Writes what a lab works with, in the place of what it was before; its path in the site."""
    folder = Path(translator.builder.outdir, _GLUED)
    folder.mkdir(exist_ok=True)
    start = f"{translator.builder.current_docname.replace('/', '-')}-{node['lab']}-"
    for path in folder.glob(f"{start}*.json"):
        path.unlink()
    name = f"{start}{hashlib.sha256(node['glued'].encode()).hexdigest()[:12]}.json"
    (folder / name).write_text(node["glued"], encoding="utf-8")
    return f"{_GLUED}/{name}"


def _depart_box(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append("</div>\n")


def _visit_opener(translator: HTML5Translator, node: Opener) -> None:
    language = interface.of(translator.config.language)
    words = {name: escape(word) for name, word in language["lab"].items()}
    # Words that a page needs only once stand at its first button.
    first = node is next(translator.document.findall(Opener))
    failed = f' data-failed="{words["failed"]}"' if first else ""
    label, script = words["open"], f"<noscript>{words['script']}</noscript>"
    if node.get("plain"):
        label, script = escape(language["curves"]["open"]), ""
    translator.body.append(
        f'<p class="lab-opener"><button type="button"{failed} hidden>{label}</button> '
        f'<span role="status"></span>{script}</p>'
    )


def _depart_opener(translator: HTML5Translator, node: Opener) -> None:
    pass


def _put(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        files.put(Path(app.outdir), app.config.language)


def _digest(app: Sphinx, config: Any) -> None:  # noqa: ANN401
    config.bookwright_labs = files.digest(config.language)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_config_value("bookwright_labs", "", "html")  # every page names it
    app.add_node(LabBox, html=(_visit_box, _depart_box))
    app.add_node(CurvesBox, html=(_visit_box, _depart_box))
    app.add_node(Opener, html=(_visit_opener, _depart_opener))
    app.add_directive("lab", LabDirective)
    app.add_role("lab", LabLink())
    app.connect("doctree-read", _offer)
    app.connect("config-inited", _digest, priority=900)
    app.connect("build-finished", _put)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
