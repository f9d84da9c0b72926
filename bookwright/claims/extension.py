"""`{claim}`: a sentence that a page measures, with its evidence one click away.

One that does not hold is marked in words, before the sentence, and shows what was measured. These
are nodes like any others, so they go wherever the sentence goes: notebooks, the PDF, the search.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.variables import RetrievalError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookwright import blocks, book, glue
from bookwright import words as interface
from bookwright.claims import collect, judge, pool, strip
from bookwright.source import needed
from bookwright.source.facts import facts

logger = logging.getLogger(__name__)
_SMALLEST = 0.001  # p value that is told
# The word for each reason why a pool, or a run beside it, does not carry a sentence.
_WHY = {"pool": "not carried", "opposite": "opposite", "outside": "outside"}


def _shown(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _condition(words: dict[str, Any], claim: dict) -> str:
    """What the values had to be, in words."""
    bound = claim["bound"]
    limits = {key: _shown(bound[key]) for key in ("above", "below") if bound[key] is not None}
    whole = words["the mean" if claim["kind"] in ("effect", "equivalence") else "every value"]
    if len(limits) == 2:
        return f"{whole} {words['claims']['between'].format(*limits.values())}"
    return f"{whole} {', '.join(words[key].format(limit) for key, limit in limits.items())}"


def _margin(words: dict[str, Any], claim: dict, language: str) -> str:
    """Where the bound comes from."""
    margin = claim["margin"]
    if margin is None:
        return words[f"bound of {claim['kind']}"]
    if margin["of"] is None or claim["kind"] == "every seed":
        return words["bound of sentence"]
    name = margin["name"].get(language, margin["of"])
    if margin["because"]:
        because = margin["because"].get(language, "")
        return words["bound of its own"].format(name=name, because=because)
    return words["bound of table"].format(name=name, date=margin["set"])


def _run_rows(words: dict[str, Any], claim: dict) -> Iterator[tuple[str, str]]:
    """What this run measured, and what was to be expected of it."""
    seeds, values = claim["seeds"], claim["values"]
    label = words["case"] if seeds is None else words["seed"]
    heads = range(1, len(values) + 1) if seeds is None else seeds
    each = (f"{label} {head}: {_shown(value)}" for head, value in zip(heads, values, strict=True))
    yield words["this run"], "; ".join(each)
    pool = claim["pool"] or {}
    if claim["kind"] in ("effect", "equivalence"):
        yield words["run mean"], _shown(sum(values) / len(values))
        if "predicted" in pool:
            yield words["expected"], words["within"].format(*map(_shown, pool["predicted"]))


def _interval(said: dict[str, Any], found: dict) -> str:
    """A mean with its interval, of a pool or of what is kept apart."""
    return said["interval"].format(_shown(found["mean"]), *map(_shown, found["interval"]))


def _pool_rows(
    words: dict[str, Any], claim: dict, versions: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """What the pool holds, and what follows from it."""
    pool = claim["pool"] or {}
    if "n" not in pool:
        return
    seeds = f"{min(pool['seeds'])}–{max(pool['seeds'])}"
    yield words["pool"], words["pool of"].format(n=pool["n"], seeds=seeds)
    yield words["pool mean"], _interval(words, pool)
    if "adjusted" in pool:
        p = pool["adjusted"]
        yield words["p"], f"{p:.2g}" if p >= _SMALLEST else f"< {_SMALLEST}"
    if pool.get("proven"):
        yield words["proven"], words["of seeds"].format(pool["proven"])
    places = dict.fromkeys(
        place["machine"] if place["versions"] == versions else _place(place)
        for place in pool["where"]
    )
    yield words["where"], "; ".join([pool["measured"], *places])
    for name, other in pool["elsewhere"].items():
        yield words["elsewhere"].format(name), _interval(words, other)


def _place(place: dict) -> str:
    """A machine with other versions than those of this run."""
    return ", ".join([place["machine"], *(f"{k} {v}" for k, v in place["versions"].items())])


def _strip(words: dict[str, Any], claim: dict) -> str:
    """The values as a picture, for a claim with chance."""
    pool = claim["pool"]
    if pool is None:
        return ""
    bounds = [bound for bound in claim["bound"].values() if bound is not None]
    mean = claim["kind"] in ("effect", "equivalence")
    interval = pool.get("interval") if mean else None
    label = words["strip"].format(_condition(words, claim))
    drawn = strip.svg(pool.get("values", ()), claim["values"], bounds, interval, label)
    part = "" if interval else " run" if "values" in pool else " alone"
    legend = words[f"strip legend{part}"]
    return f'<figure>{drawn}<figcaption aria-hidden="true">{escape(legend)}</figcaption></figure>'


def _evidence_html(
    words: dict[str, Any], claim: dict, versions: dict[str, str], language: str, guide: str | None
) -> str:
    """The evidence inside <details>: opens by keyboard, needs no script."""
    said = words["claims"]
    rows = [
        (said["kind"], said["kinds"][claim["kind"]]),
        (words["bound"], f"{_condition(words, claim)} ({_margin(said, claim, language)})"),
        *_run_rows(words | said, claim),
        *_pool_rows(said, claim, versions),
    ]
    body = "".join(
        f'<tr><th scope="row">{escape(head)}</th><td>{escape(cell)}</td></tr>'
        for head, cell in rows
    )
    link = f'<div><a href="{escape(guide)}">{said["guide"]}</a></div>' if guide else ""
    mark = {True: "✓", False: "✗", None: "○"}[claim["held"]]
    return (
        f'<details class="{blocks.EVIDENCE.name}"><summary title="{words["evidence_of"]}">'
        f'<span aria-hidden="true">{mark}</span> {words["evidence"]}</summary>'
        f"{_strip(words | said, claim)}"
        f"<table><caption>{words['evidence_of']}</caption><tbody>{body}</tbody></table>"
        f"{link}</details>"
    )


def _mark(words: dict[str, Any], claim: dict) -> nodes.paragraph:
    """The line before a sentence that does not hold."""
    said = words["claims"]
    why = words["not_held"]
    if claim["why"] in _WHY:
        why = said[_WHY[claim["why"]]].format(n=claim["pool"]["n"])
    mark = nodes.paragraph("", classes=[blocks.CLAIM_MARK.name])
    mark += nodes.strong("", f"✗ {why}")
    if not claim["counts"]:
        mark += nodes.Text(f" {words['other_data']}")
    return mark


def _measured(words: dict[str, Any], claim: dict) -> nodes.paragraph:
    """What was measured and what it had to be, below a sentence that does not hold."""
    text = f"{words['measured']}: {', '.join(f'{value:.6g}' for value in claim['values'])}"
    if claim["why"] in _WHY:
        said = words["claims"]
        text += f" · {said['pool mean']}: {_interval(said, claim['pool'])}"
    text += f" · {words['bound']}: {_condition(words, claim)}"
    return nodes.paragraph("", text, classes=[blocks.MEASURED.name])


def _open(words: dict[str, Any], claim: dict) -> nodes.paragraph | None:
    """What is still open about a sentence: not replicated yet, or by another rule than now."""
    said, pool = words["claims"], claim["pool"]
    if pool is None or not claim["counts"]:
        return None
    texts = []
    if pool["state"] != "decides":
        texts.append(said[f"state {pool['state']}"].format(date=pool.get("measured", "")))
    if pool.get("changed") and pool["state"] != "earlier":
        texts.append(said["changed"].format(date=pool["measured"]))
    if not texts:
        return None
    return nodes.paragraph("", " ".join(texts), classes=[blocks.OPEN.name])


def _published(claim: dict, page: str, sentence: str) -> dict:
    """What `/claims.json` says of a claim, as `claims.schema.json` describes it."""
    said = {name: part for name, part in claim.items() if name != "sampling"}
    n_samples = claim["sampling"] and claim["sampling"]["n_samples"]
    return said | {"n_samples": n_samples, "chapter": page, "sentence": sentence}


def _pools(env: BuildEnvironment, page: str) -> tuple[int, int | None]:
    """What pools decide a page's claims: how many claims they all hold, and its own one."""
    file = pool.path(page)
    own = file.stat().st_mtime_ns if file.exists() else None
    return env.bookwright_n_claims, own  # type: ignore[attr-defined]


def _decided_otherwise(app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """The pages that other pools decide now than when they were read.

    Sphinx could be told the pools' files, of all pages for each page, and would look whether each
    is newer than the page; one that is not there it takes for a newer one.
    """
    env.bookwright_n_claims = judge.n_claims()  # type: ignore[attr-defined]
    known = getattr(env, "bookwright_pools", {})
    return [page for page in env.found_docs & known.keys() if known[page] != _pools(env, page)]


def judged(document: nodes.document, env: BuildEnvironment) -> dict[str, dict]:
    """The claims of the page that is being read, by id, decided once for all of them.

    Raises:
        RetrievalError: No cell of the page has handed anything over.
    """
    name = env.docname
    if not hasattr(document, "bookwright_judged"):
        env.bookwright_pools[name] = _pools(env, name)  # type: ignore[attr-defined]
        cells = facts(Path(env.doc2path(name)).read_text(encoding="utf-8")).cells
        codes = needed.claim_hashes(cell.source for cell in cells)
        given = collect.of_values(glue.all_of_document(document))
        found = judge.judged(given, name, codes)
        document.bookwright_judged = {claim["id"]: claim for claim in found}
    return document.bookwright_judged


class Claim(SphinxDirective):
    """Directive with the claim's id as argument and one sentence as content."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Renders the sentence and the evidence that a cell of this page measured for it."""
        name = self.arguments[0]
        if not self.content:
            raise self.error(f"the claim {name!r} has no sentence: write one between its lines")
        try:
            claim = judged(self.state.document, self.env)[name]
            versions = glue.of_document(self.state.document, "run")["versions"]
        except (KeyError, RetrievalError):
            message = (
                f"claim {name!r}: no cell of this page measures it and ends the page with "
                f'report.end_page. Add a call of claims.effect("{name}", ...) to a cell, or of '
                "another kind of claim."
            )
            logger.warning(message, location=self.get_location())
            return []
        container = nodes.container(classes=[blocks.CLAIM.name], ids=[f"claim-{name}"])
        self.set_source_info(container)
        container += self.parse_content_to_nodes()
        sentence = " ".join(container.astext().split())
        words = interface.of(self.config.language)
        if claim["held"] is False:
            container["classes"].append("not-held" if claim["counts"] else "on-other-data")
            container.insert(0, _mark(words, claim))
            container += _measured(words, claim)
        elif claim["held"] is None:
            container["classes"].append("not-decided")
        if (still := _open(words, claim)) is not None:
            container += still
        html = _evidence_html(words, claim, versions, self.config.language, self._guide())
        container += nodes.raw("", html, format="html")
        found = self.env.bookwright_claims.setdefault(self.env.docname, [])  # type: ignore[attr-defined]
        found.append(_published(claim, self.env.docname, sentence))
        return [container]

    def _guide(self) -> str | None:
        """Where the book explains how to read all this, seen from this page."""
        guide = book.BOOK.guide_to_claims
        if guide is None or guide == self.env.docname:
            return None
        depth = self.env.docname.count("/")
        return f"{'../' * depth}{guide}.html"


_KEPT = ("bookwright_claims", "bookwright_pools")  # of the pages, by name


def _start(app: Sphinx, env: BuildEnvironment, *_: object) -> None:
    for kept in _KEPT:
        env.__dict__.setdefault(kept, {})


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    for kept in _KEPT:
        getattr(env, kept, {}).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    for kept in _KEPT:
        theirs = getattr(other, kept)
        getattr(env, kept).update({name: theirs[name] for name in names & theirs.keys()})


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        chapters = app.env.bookwright_claims.values()  # type: ignore[attr-defined]
        text = json.dumps([claim for chapter in chapters for claim in chapter], ensure_ascii=False)
        (Path(app.outdir) / "claims.json").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx' entry point."""
    app.add_directive("claim", Claim)
    app.connect("env-get-outdated", _decided_otherwise)
    app.connect("env-before-read-docs", _start)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("build-finished", _write)
    return {"version": "1", "env_version": 3, "parallel_read_safe": True}
