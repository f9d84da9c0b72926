"""Builds the site: runs the pages that changed, builds both languages, puts the site together."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from pathlib import Path

from bookwright import book, browser, durable, glue
from bookwright import words as interface
from bookwright.claims import collect as claims
from bookwright.claims import pool
from bookwright.live import files as live
from bookwright.live import needs
from bookwright.notebooks import pack as notebooks
from bookwright.places import BUILD, SITE, pdf_wanted
from bookwright.predict import answer as predictions
from bookwright.problems import Problem, ProblemError, tell_problem
from bookwright.publication import publication
from bookwright.reader.wheel import Wheel
from bookwright.runs import run as runs
from bookwright.runs import store
from bookwright.search import index
from bookwright.side_by_side import build as side_by_side
from bookwright.site import language as one_language
from bookwright.site.landing import landing
from bookwright.site.sitemap import sitemap
from bookwright.translation import report as parity
from bookwright.verify import words as lost_words

_LAST = BUILD / "html.last"


def notes(log: str) -> list[str]:
    """What the book's own extensions say in a build's log for people to read: "note: ..."."""
    return [line for line in log.splitlines() if line.startswith("note: ")]


def build_record(made: Wheel) -> dict:
    """What `/build.json` says: the wheel, versions, data, each page's run: when, where, its cost.

    Args:
        made: The wheel that this build's notebooks name; there may be earlier ones beside it.
    """
    found = {}
    versions: dict[str, str] = {}
    for page in book.all_pages():
        if run := store.of_page(page):
            glued = glue.of_notebook(run.notebook()).get("run", {})
            versions = versions or glued.get("versions", {})  # all ran with the pinned ones
            found[str(page)] = {
                "date": glued.get("date", run.record["made"][:10]),
                "seconds": glued.get("seconds", round(run.record["seconds"], 1)),
                "peak_memory_bytes": glued.get("peak_memory_bytes"),
                "settings": run.record["settings"],
                "machine": run.record["machine"],
            }
    helper = {"file": made.name, "sha256": made.sha256}
    return {"wheel": helper, "versions": versions, "data": book.data_sets(), "pages": found}


def drop_stale(folder: Path, names: set[str]) -> None:
    """Removes what Sphinx keeps of earlier builds: pages that are gone, files that no page names.

    Args:
        folder: One language's part of the site.
        names: The pages that it has.
    """
    shown: set[str] = set()
    for page in folder.rglob("*.html"):
        if page.relative_to(folder).with_suffix("").as_posix() not in names:
            page.unlink()
        else:
            text = page.read_text(encoding="utf-8")
            shown.update(re.findall(r"(?:_images|figures|live)/[^\s\"?#]+", text))
    for kind in ("_images", "figures", live.FOLDER):
        for file in folder.glob(f"{kind}/*"):
            if file.relative_to(folder).as_posix() not in shown:
                file.unlink()


def assemble(site: Path) -> list[dict]:
    """Copies both languages' pages and writes the files that belong to the whole site.

    Returns:
        The claims of the site, as in its `/claims.json`.
    """
    for language in book.LANGUAGES:
        shutil.copytree(BUILD / language / "_build" / "html", site / language)
        # `index` leads to the first page where that has another name.
        drop_stale(site / language, {"index", *book.page_names(), "genindex"})
    if needs.any_live() and live.here():
        live.put(site)
    made = notebooks.pack(site)
    if len(book.LANGUAGES) == 2:
        side_by_side.build(site, book.page_names(), book.LANGUAGES)
    if address := publication(book.config()).site:
        content = sitemap(address, book.page_names(), book.LANGUAGES)
        (site / "sitemap.xml").write_bytes(content)
    (site / "index.html").write_text(landing(book.LANGUAGES), encoding="utf-8")
    found = claims.collect(site)
    for name, record in {"build.json": build_record(made), "claims.json": found}.items():
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (site / name).write_text(text + "\n", encoding="utf-8")
    shutil.copy(claims.SCHEMA, site)
    index.build(site)
    return found


def _look_ahead(preview: bool) -> None:
    """Finds before the pages run, which takes long, what would stop the build after them.

    Raises:
        RuntimeError: Something would; the text says what.
    """
    publication(book.config())
    for language in book.LANGUAGES:
        interface.of(language)
    for name in book.page_names():
        pool.read(name)
    if pdf_wanted() and not preview and (problem := browser.ready()):
        raise RuntimeError(f"{problem}\nBOOK_NO_PDF=1 builds the site without its PDFs.")
    if needs.any_live() and live.wanted() and (said := live.fetch()):
        print(f"live cells get no run buttons, for Pyodide is not to be had: {said}")


def _build_languages() -> None:
    """Builds every language's pages, side by side.

    Raises:
        ProblemError: Sphinx refused something.
    """
    BUILD.mkdir(exist_ok=True)
    problems: list[Problem] = []
    said: list[str] = []
    with contextlib.ExitStack() as running:
        builds = {
            each: running.enter_context(one_language.building(each)) for each in book.LANGUAGES
        }
        for language, process in builds.items():
            print(f"building {language} ...", flush=True)
            failed = process.wait()
            log = one_language.log(language).read_text(encoding="utf-8", errors="replace")
            said += notes(log)
            if failed:
                if full := durable.full(BUILD):  # asked before what was written is removed
                    raise RuntimeError(full)
                what = f"the build of {language} was ended: _build/{language}.log says more"
                problems += one_language.read(language) or [Problem(what)]
    for note in dict.fromkeys(said):
        print(note)
    if problems:
        raise ProblemError(*problems)


def _look_for_lost_words() -> None:
    """Makes sure that readers see what authors wrote.

    Raises:
        ProblemError: Some page has lost words.
    """
    found: list[Problem] = []
    for each in book.LANGUAGES:
        sources = book.ROOT / "book" / each
        built = BUILD / each / "_build" / "html"
        found += lost_words.of_language(built, sources, book.page_names(), f"book/{each}")
    if found:
        raise ProblemError(*found)


def _put_together(preview: bool) -> list[dict]:
    """Makes the site of the built pages, and puts it in the place of the last one when it is whole.

    Returns:
        The claims of the site.

    Raises:
        RuntimeError: The site could not be made; the text says why.
    """
    if _LAST.exists() and not SITE.exists():  # killed between two lines of `_replace_site`
        _LAST.replace(SITE)
    staging = BUILD / "html.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        found = assemble(staging)
    except (OSError, side_by_side.Mismatch, claims.ClaimsDiffer) as error:
        raise RuntimeError(f"\nNo site was built: {durable.full(BUILD) or error}") from error
    if pdf_wanted():
        from bookwright.pdf import print as pdf  # here: many builds, of tests and CI, want none

        try:
            pdf.make(staging, preview=preview)
        except (OSError, RuntimeError, ValueError) as error:
            problem = (
                f"No site was built: the PDF could not be made. {durable.full(BUILD) or error}"
            )
            raise RuntimeError(problem) from error
    _replace_site(staging)
    return found


def _replace_site(staging: Path) -> None:
    """Puts a whole site in the place of the last one, which is there until the very moment."""
    if SITE.exists():
        shutil.rmtree(_LAST, ignore_errors=True)
        SITE.replace(_LAST)
    staging.replace(SITE)
    shutil.rmtree(_LAST, ignore_errors=True)


def build(preview: bool, strict: bool) -> int:
    """Builds the whole site; leaves the last good one in place when anything fails.

    Args:
        preview: Do not wait for new PDFs; show those that were printed last.
        strict: Fail, with the site in place, if a claim does not hold.

    Returns:
        The exit status.

    Raises:
        RuntimeError: No site was built; the text says why.
    """
    start = time.perf_counter()
    _look_ahead(preview)
    if status := runs.run_pages():
        tell_problem("\nNo site was built, for the reason above.")
        return status
    runs.show(book.all_pages())
    if told := parity.told():
        print(told)
    _build_languages()
    _look_for_lost_words()
    found = _put_together(preview)
    print(f"\nDone in {time.perf_counter() - start:.0f} s. Open {SITE / 'index.html'}")
    asked = predictions.of_site(found)
    for told in filter(None, (predictions.told(asked), claims.told(found))):
        print(f"\n{told}")  # the last lines, which stay in sight
    return 1 if strict and (claims.fallen(found) or predictions.unfit(asked)) else 0
