"""Builds the site: runs the pages that changed, builds both languages, puts the site together."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from lessons_src import report, reproduction
from tools import (
    browser,
    claims,
    nbmake,
    notebooks,
    pages,
    parity,
    pdf,
    reproduce,
    search,
    side_by_side,
    whole_book,
)
from tools.publication import publication
from tools.sitemap import sitemap

BUILD = pages.ROOT / "_build"
SITE = BUILD / "html"


def build_language(language: str) -> subprocess.Popen[str]:
    """Starts Jupyter Book on one language; warnings are errors, unresolved references too."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build"]
    command += [str(pages.ROOT / "book" / language)]
    command += ["--config", str(pages.ROOT / "_config.yml"), "--toc", str(pages.ROOT / "_toc.yml")]
    command += ["--path-output", str(BUILD / language), "-W", "--keep-going", "-n"]
    environment = os.environ | {
        "LESSONS_CACHE": str(pages.cache().path),
        "PYTHONPATH": str(pages.ROOT),
    }
    log = (BUILD / f"{language}.log").open("w", encoding="utf-8")
    return subprocess.Popen(
        command, cwd=pages.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
    )


def complaints(log: str) -> str:
    """The warnings and errors in a build's log, without its progress."""
    marks = ("WARNING", "ERROR", "CRITICAL", "Error", "Exception")
    lines = [line for line in log.splitlines() if any(mark in line for mark in marks)]
    return "\n".join(dict.fromkeys(lines)) or log[-3000:]


def build_record() -> dict:
    """What `/build.json` says: versions, data, and the cost of each page's run."""
    costs = {}
    for page in pages.all_pages():
        notebook = pages.executed(page)
        run = report.glued(notebook).get("run") if notebook else None
        if run is not None:
            keys = ("date", "seconds", "peak_memory_bytes")
            costs[str(page)] = {key: run[key] for key in keys}
    return {"versions": report.versions(), "data": pages.data_sets(), "pages": costs}


def drop_stale(folder: Path, names: set[str]) -> None:
    """Removes what Sphinx keeps of earlier builds: pages that are gone, figures no page shows.

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
            shown.update(re.findall(r"(?:_images|figures)/[^\s\"?#]+", text))
    for kind in ("_images", "figures"):
        for file in folder.glob(f"{kind}/*"):
            if file.relative_to(folder).as_posix() not in shown:
                file.unlink()


def assemble(site: Path) -> None:
    """Copies both languages' pages and writes the files that belong to the whole site."""
    for language in pages.LANGUAGES:
        shutil.copytree(BUILD / language / "_build" / "html", site / language)
        drop_stale(site / language, {*pages.page_names(), "genindex"})
    notebooks.pack(site)
    side_by_side.build(site, pages.page_names(), pages.LANGUAGES)
    if address := publication(pages.config()).site:
        content = sitemap(address, pages.page_names(), pages.LANGUAGES)
        (site / "sitemap.xml").write_bytes(content)
    shutil.copy(pages.ROOT / "book" / "landing.html", site / "index.html")
    found = claims.collect(site)
    if false := [claim["id"] for claim in found if not claim["held"]]:
        print(f"On these data {len(false)} claims do not hold: {', '.join(false)}")
    for name, record in {"build.json": build_record(), "claims.json": found}.items():
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (site / name).write_text(text + "\n", encoding="utf-8")
    search.build(site)


def main(alone: bool = False, preview: bool = False) -> int:
    """Builds the whole site; leaves the last good one in place when anything fails.

    Args:
        alone: Show only runs of downloaded notebooks, as `tools.nbmake` makes them.
        preview: Do not wait for new PDFs; show those that were printed last.
    """
    start = time.perf_counter()
    if (
        whole_book.wanted() and not preview and (problem := browser.ready())
    ):  # before the pages, which take long
        print(problem, file=sys.stderr)
        print("LESSONS_NO_PDF=1 builds the site without its PDFs.", file=sys.stderr)
        return 1
    if status := nbmake.run_pages(alone=alone):
        print("\nNo site was built, for the reason above.", file=sys.stderr)
        return status
    BUILD.mkdir(exist_ok=True)
    print(parity.told())
    builds = {language: build_language(language) for language in pages.LANGUAGES}
    failed = False
    for language, process in builds.items():
        print(f"building {language} ...", flush=True)
        if process.wait():
            failed = True
            # Sphinx reads only changed pages again, and would not repeat their warnings.
            shutil.rmtree(BUILD / language, ignore_errors=True)
            log = (BUILD / f"{language}.log").read_text(encoding="utf-8")
            print(f"\nThe build of {language} failed:\n{complaints(log)}", file=sys.stderr)
            print(f"(whole log: _build/{language}.log)", file=sys.stderr)
    if failed:
        return 1
    if "reproduction" in pages.page_names() and (
        message := reproduce.stale(reproduction.record()["made_with"])
    ):
        print(message)
    staging = BUILD / "html.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        assemble(staging)
    except side_by_side.Mismatch as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    if whole_book.wanted():
        try:
            pdf.make(staging, preview=preview)
        except (OSError, RuntimeError, ValueError) as error:
            print(f"No site was built: the PDF could not be made. {error}", file=sys.stderr)
            return 1
    shutil.rmtree(SITE, ignore_errors=True)
    staging.replace(SITE)
    print(f"\nDone in {time.perf_counter() - start:.0f} s. Open {SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(alone="--alone" in sys.argv[1:], preview="--preview" in sys.argv[1:]))
