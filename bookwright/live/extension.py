"""Below live cells and exercises a button, beside their page a file with what browsers run for it.

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

from bookwright import blocks, book, glue
from bookwright import words as interface
from bookwright.live import exercises, files, helpers, needs
from bookwright.publication import Publication

_RUNNER = Path(__file__).with_name("runner.py")
_NOTED = "solution:"  # under which a page hands over what a check asked, by exercise
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


def _content(live: needs.Live, notes: dict[str, Any], page: book.Page, base: str) -> str:
    """What a page's script reads at the first press.

    Args:
        live: What of the page runs.
        notes: By exercise, what the page's run noted of the references.
        page: The page.
        base: The folder of the files that run in browsers.
    """
    runtime, words = files.runtime(), interface.of(page.language)
    modules = {**live.cut.modules, "live_runner.py": _RUNNER.read_text("utf-8")}
    if live.checks:
        noted = {name: value for each in notes.values() for name, value in each.items()}
        checks = exercises.module(live.checks, noted, page.language)
        modules[f"{exercises.MODULE}.py"] = checks
    sizes = {name: {k: x[k] for k in ("bytes", "gzipped")} for name, x in runtime.files.items()}
    return json.dumps(
        {
            "steps": [step._asdict() for step in live.steps],
            "modules": modules,
            "runtime": {"base": base, "files": sizes, "megabytes": runtime.megabytes},
            "words": words["live"],
            "exercises": {
                each.cell: {"name": each.name, "kept": f"{page.name}/{each.name}/{each.stub}"}
                for each in live.exercises
            },
            "notebook": f"notebooks/{page.name}.ipynb",
            "keeping": words["keeping"],
        },
        ensure_ascii=False,
        indent=1,
    )


def box(words: dict[str, Any], cell: int, page: str | None, *, exercise: bool = False) -> str:
    """The HTML below a cell; without scripts there is nothing to be seen of it.

    Args:
        words: The interface words of live cells.
        cell: The number of the cell on its page, from 1.
        page: For the first box of a page, which speaks for all, the address of the page's file,
            from its language's part of the site.
        exercise: Whether the cell is an exercise.
    """
    said: dict[str, Any] = {"cell": cell}
    if page:
        said |= {"page": page} | {k: words[k] for k in ("server", "failed", "ended")}
    data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in said.items())
    label = words["answer" if exercise else "open"].format(f"{files.runtime().megabytes:.1f}")
    return (
        f'<div class="{blocks.LIVE.name}"{data}>'
        f'<button type="button" hidden>{escape(label)}</button>'
        '<p class="live-status" role="status"></p></div>'
    )


def elsewhere(why: str, page: book.Page, known: Publication) -> str:
    """The HTML below an exercise that no browser can check: why, and where it can be done.

    Args:
        why: The libraries that it needs.
        page: Its page.
        known: Where the site is published.
    """
    words = interface.of(page.language)
    links = [("download_notebook", f"notebooks/{page.name}.ipynb", " download")]
    if colab := known.colab(page.language, page.name):
        links.insert(0, ("open_colab", colab, ' target="_blank" rel="noopener"'))
    shown = [f'<a href="{escape(to)}"{how}>{escape(words[name])}</a>' for name, to, how in links]
    said = " · ".join([escape(words["live"]["elsewhere"].format(why)), *shown])
    return f'<div class="{blocks.LIVE.name}"><p class="live-status">{said}</p></div>'


def _cells(doctree: nodes.document) -> list[nodes.container]:
    """The live cells and exercises of a built page, in their order."""
    found = (x for x in doctree.findall(nodes.container) if x.get("nb_element") == "cell_code")
    return [x for x in found if {f"tag_{needs.TAG}", f"tag_{exercises.TAG}"} & {*x["classes"]}]


def _look(app: Sphinx, doctree: nodes.document) -> None:
    """The page is read again when a module changes of which a part runs in browsers."""
    if _cells(doctree):
        for path in needs.of_page(book.Page(app.config.language, app.env.docname)).cut.used:
            app.env.note_dependency(str(path))


def _notes(output: Path, page: str) -> dict[str, Any]:
    """By exercise, what the page's run noted of the references."""
    return {
        name.removeprefix(_NOTED): noted
        for name, noted in glue.all_of_page(output, page).items()
        if name.startswith(_NOTED) and isinstance(noted, dict)
    }


def _show(app: Sphinx, doctree: nodes.document, name: str) -> None:
    cells, base, page = (
        _cells(doctree),
        app.config.bookwright_live,
        book.Page(app.config.language, name),
    )
    if not cells or not base or app.builder.format != "html":
        return
    live, notes = needs.of_page(page), _notes(Path(app.outdir), name)
    content = _content(live, notes, page, base)
    path = Path(app.outdir, files.FOLDER, f"{name.replace('/', '-')}.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    address: str | None = f"{files.FOLDER}/{path.name}?v={digest}"
    of_cells = {each.cell: each for each in live.exercises}
    numbers = {step.cell for step in live.steps if step.needs is not None} | set(of_cells)
    known = Publication(*app.config.bookwright_publication)
    for cell, number in zip(cells, sorted(numbers), strict=True):
        exercise = of_cells.get(number)
        if exercise and exercise.why:
            cell += nodes.raw("", elsewhere(exercise.why, page, known), format="html")
        elif not exercise or exercise.name in notes:  # else the page has not run since
            words = interface.of(page.language)["live"]
            html = box(words, number, address, exercise=exercise is not None)
            cell += nodes.raw("", html, format="html")
            address = None
    doctree["bookwright_live"] = address is None


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
