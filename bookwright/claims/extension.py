"""`{claim}`: a sentence that the page's own run decides, with its evidence one click away.

One that does not hold is marked in words, before the sentence, and shows what was measured. These
are nodes like any others, so they go wherever the sentence goes: notebooks, the PDF, the search.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import blocks, glue
from bookwright import words as interface

logger = logging.getLogger(__name__)


def _condition(words: dict[str, str], bound: dict) -> str:
    """What the values had to be, in words."""
    limits = [
        words[key].format(f"{bound[key]:g}") for key in ("above", "below") if bound[key] is not None
    ]
    whole = words["the mean" if bound["of"] == "mean" else "every value"]
    return f"{whole} {', '.join(limits)}"


def _evidence_html(words: dict[str, str], evidence: dict, versions: dict[str, str]) -> str:
    """The evidence as a table inside <details>: opens by keyboard, needs no script."""
    seeds, values = evidence["seeds"], evidence["values"]
    label = words["case"] if seeds is None else words["seed"]
    heads = range(1, len(values) + 1) if seeds is None else seeds
    rows = [(f"{label} {head}", f"{value:.6g}") for head, value in zip(heads, values, strict=True)]
    if len(values) > 1:
        rows.append((words["mean"], f"{evidence['mean']:.6g}"))
        rows.append((words["spread"], f"{evidence['spread']:.3g}"))
    rows.append((words["bound"], _condition(words, evidence["bound"])))
    rows.append((words["versions"], ", ".join(f"{k} {v}" for k, v in versions.items())))
    body = "".join(
        f'<tr><th scope="row">{escape(head)}</th><td>{escape(cell)}</td></tr>'
        for head, cell in rows
    )
    return (
        f'<details class="{blocks.EVIDENCE.name}"><summary title="{words["evidence_of"]}">'
        f'<span aria-hidden="true">{"✓" if evidence["held"] else "✗"}</span> '
        f"{words['evidence']}</summary>"
        f"<table><caption>{words['evidence_of']}</caption><tbody>{body}</tbody></table></details>"
    )


def _mark(words: dict[str, str], evidence: dict) -> nodes.paragraph:
    """The line before a sentence that does not hold."""
    mark = nodes.paragraph("", classes=[blocks.CLAIM_MARK.name])
    mark += nodes.strong("", f"✗ {words['not_held']}")
    if not evidence["counts"]:
        mark += nodes.Text(f" {words['other_data']}")
    return mark


def _measured(words: dict[str, str], evidence: dict) -> nodes.paragraph:
    """What was measured and what it had to be, below a sentence that does not hold."""
    text = f"{words['measured']}: {', '.join(f'{value:.6g}' for value in evidence['values'])}"
    if len(evidence["values"]) > 1:
        spread = f"{words['spread']} {evidence['spread']:.3g}"
        text += f" ({words['mean']} {evidence['mean']:.6g}, {spread})"
    text += f" · {words['bound']}: {_condition(words, evidence['bound'])}"
    return nodes.paragraph("", text, classes=[blocks.MEASURED.name])


class Claim(SphinxDirective):
    """Directive with the claim's id as argument and one sentence as content."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Renders the sentence and the evidence that a cell of this page measured for it."""
        claim = self.arguments[0]
        try:
            evidence = glue.of_document(self.state.document, f"claim:{claim}")
            versions = glue.of_document(self.state.document, "run")["versions"]
        except RetrievalError:
            message = (
                f"claim {claim!r}: no cell of this page measures it and ends the page with "
                f'report.end_page. Add `claims.check("{claim}", ...)` to a cell.'
            )
            logger.warning(message, location=self.get_location())
            return []
        container = nodes.container(classes=[blocks.CLAIM.name], ids=[f"claim-{claim}"])
        self.set_source_info(container)
        container += self.parse_content_to_nodes()
        sentence = " ".join(container.astext().split())
        words = interface.of(self.config.language)
        if not evidence["held"]:
            container["classes"].append("not-held" if evidence["counts"] else "on-other-data")
            container.insert(0, _mark(words, evidence))
            container += _measured(words, evidence)
        container += nodes.raw("", _evidence_html(words, evidence, versions), format="html")
        found = self.env.bookwright_claims.setdefault(self.env.docname, [])  # type: ignore[attr-defined]
        found.append({"id": claim, "chapter": self.env.docname, "sentence": sentence, **evidence})
        return [container]


def _start(app: Sphinx, env: BuildEnvironment, *_: object) -> None:
    if not hasattr(env, "bookwright_claims"):
        env.bookwright_claims = {}  # type: ignore[attr-defined]


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    getattr(env, "bookwright_claims", {}).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    env.bookwright_claims.update(  # type: ignore[attr-defined]
        {name: other.bookwright_claims[name] for name in names if name in other.bookwright_claims}  # type: ignore[attr-defined]
    )


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        chapters = app.env.bookwright_claims.values()  # type: ignore[attr-defined]
        text = json.dumps([claim for chapter in chapters for claim in chapter], ensure_ascii=False)
        (Path(app.outdir) / "claims.json").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("claim", Claim)
    app.connect("env-before-read-docs", _start)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("build-finished", _write)
    return {"version": "1", "env_version": 2, "parallel_read_safe": True}
