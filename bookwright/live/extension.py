"""Below each live cell a button, and beside its page a file with what the browser runs for it.

Until the button is pressed, nothing of this is loaded but a few words. The policy of such a page
lets it start workers of its own making: those inherit the policy, which forbids every other host.
Workers from an address would get theirs from the host that serves the site, and most give none.
"""

from __future__ import annotations

import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookwright import blocks, book
from bookwright import words as interface
from bookwright.live import files, helpers, needs

_RUNNER = Path(__file__).with_name("runner.py")
_NO_WORKERS, _OWN_WORKERS = "worker-src 'none'", "worker-src blob:"


def shown() -> str:
    """The folder of the files that run in browsers, from a language's part of the site; or "".

    It is found by `files.fetch` before the languages are built.
    """
    return f"../{files.FOLDER}/{files.runtime().digest}/" if files.here() else ""


def _code_hash() -> str:
    """Hash of what goes to browsers from here: pages with live cells name it in an address."""
    code = [_RUNNER, *sorted(helpers.STAND_INS.rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()


def _content(live: needs.Live, language: str, base: str) -> str:
    """What a page's script reads at the first press."""
    runtime = files.runtime()
    sizes = {name: {k: x[k] for k in ("bytes", "gzipped")} for name, x in runtime.files.items()}
    return json.dumps(
        {
            "steps": [step._asdict() for step in live.steps],
            "modules": {**live.cut.modules, "live_runner.py": _RUNNER.read_text("utf-8")},
            "runtime": {"base": base, "files": sizes, "megabytes": runtime.megabytes},
            "words": interface.of(language)["live"],
        },
        ensure_ascii=False,
        indent=1,
    )


def box(words: dict[str, Any], cell: int, page: str) -> str:
    """The HTML below a live cell; without scripts there is nothing to be seen of it.

    Args:
        words: The interface words of live cells.
        cell: The number of the cell on its page, from 1.
        page: The address of the page's file, from its language's part of the site.
    """
    said = {"cell": cell, "page": page} | {k: words[k] for k in ("server", "failed")}
    data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in said.items())
    label = escape(words["open"].format(f"{files.runtime().megabytes:.1f}"))
    return (
        f'<div class="{blocks.LIVE.name}"{data}><button type="button" hidden>{label}</button>'
        '<p class="live-status" role="status"></p></div>'
    )


def _cells(doctree: nodes.document) -> list[nodes.container]:
    """The live cells of a built page, in their order."""
    found = (x for x in doctree.findall(nodes.container) if x.get("nb_element") == "cell_code")
    return [cell for cell in found if f"tag_{needs.TAG}" in cell["classes"]]


def _look(app: Sphinx, doctree: nodes.document) -> None:
    """The page is read again when a module changes of which a part runs in browsers."""
    if _cells(doctree):
        for path in needs.of_page(book.Page(app.config.language, app.env.docname)).cut.used:
            app.env.note_dependency(str(path))


def _show(app: Sphinx, doctree: nodes.document, page: str) -> None:
    cells, base = _cells(doctree), app.config.bookwright_live
    if not cells or not base or app.builder.format != "html":
        return
    live = needs.of_page(book.Page(app.config.language, page))
    content = _content(live, app.config.language, base)
    path = Path(app.outdir, files.FOLDER, f"{page.replace('/', '-')}.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    numbers = [step.cell for step in live.steps if step.needs is not None]
    for cell, number in zip(cells, numbers, strict=True):
        html = box(
            interface.of(app.config.language)["live"],
            number,
            f"{files.FOLDER}/{path.name}?v={digest}",
        )
        cell += nodes.raw("", html, format="html")
    doctree["bookwright_live"] = True


def _let_work(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """On pages with live cells alone the policy allows workers."""
    if doctree is not None and doctree.get("bookwright_live"):
        policy = context["security_policy"]
        context["security_policy"] = policy.replace(_NO_WORKERS, _OWN_WORKERS)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.setup_extension("bookwright.theme.assets")  # it says the policy first
    app.add_config_value("bookwright_live", shown(), "html")
    app.add_config_value("bookwright_live_code", _code_hash(), "html")
    app.connect("doctree-read", _look)
    app.connect("doctree-resolved", _show)
    app.connect("html-page-context", _let_work, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
