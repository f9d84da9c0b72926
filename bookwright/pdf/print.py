"""Prints the assembled site as one PDF for each language, with Chromium.

The contents' page numbers need two printings: the first shows on which page each heading stands.
"""

from __future__ import annotations

import functools
import hashlib
import io
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
from playwright.sync_api import Error, Page, sync_playwright

from bookwright import book, browser, durable
from bookwright import words as interface
from bookwright.pdf import document as whole_book
from bookwright.places import pdf_name

KEPT = book.ROOT / "_build" / "pdf"  # what was printed, each named by the hash of its sources
_HERE = Path(__file__).parent
_OWN = [
    _HERE / "print.py",
    _HERE / "document.py",
    _HERE / "document.html",
    _HERE.parent / "blocks.py",
]
_FILL = """numbers => {
  for (const place of document.querySelectorAll(".page-number")) {
    const number = numbers[place.dataset.of];
    place.textContent = (place.dataset.say ?? "{}").replace("{}", number);
  }
}"""
_HEADINGS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(
  (heading) => heading.textContent.replace(/\\s+/g, " ").trim())"""
_BROKEN_IMAGES = """async () => {
  const images = [...document.images];
  await Promise.allSettled(images.map((image) => image.decode()));
  return images.filter((image) => !image.naturalWidth).map((image) => image.getAttribute("src"));
}"""


def page_numbers(printed: bytes) -> dict[str, int]:
    """The page of each anchor that the document links to, from 1."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        found = pdf.Root.get("/Dests", {}).items()
        return {name.removeprefix("/"): numbers[place[0].objgen] for name, place in found}


def _print(page: Page, *, tagged: bool = True) -> bytes:
    return page.pdf(prefer_css_page_size=True, outline=tagged, tagged=tagged)


def render(page: Page, document: Path) -> bytes:
    """Prints a document and fills in the page numbers that it asks for.

    Args:
        page: An empty page of the browser.
        document: The HTML file. `data-of` of an element of the class `page-number` names the anchor
            whose page is to stand there, `data-say` the words around it.

    Raises:
        FileNotFoundError: It shows images that are not there.
    """
    page.goto(document.as_uri(), timeout=300_000)  # a busy machine takes its time
    page.evaluate("document.fonts.ready.then(() => null)")
    if broken := page.evaluate(_BROKEN_IMAGES):
        raise FileNotFoundError(f"images that {document.name} shows: {', '.join(broken)}")
    numbers = page_numbers(_print(page, tagged=False))
    page.evaluate(_FILL, numbers)
    printed = _print(page)
    if (found := page_numbers(printed)) != numbers:  # one was wider than the room left for it
        page.evaluate(_FILL, found)
        printed = _print(page)
    return printed


def _entries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The outline's entries in the order in which a viewer shows them."""
    waiting = [pdf.Root["/Outlines"]["/First"]] if "/Outlines" in pdf.Root else []
    while waiting:
        entry = waiting.pop()
        yield entry
        waiting += [entry[key] for key in ("/Next", "/First") if key in entry]


def describe(printed: bytes, language: str, headings: Sequence[str]) -> bytes:
    """Adds title, author and language, and packs the file to a third of what Chromium wrote.

    Args:
        printed: What Chromium printed.
        language: Its language.
        headings: All headings. Chromium writes those at the top of a page twice into the outline.

    Raises:
        ValueError: The outline has not one entry for each heading.
    """
    say = whole_book.words(language)
    packed = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        entries = list(_entries(pdf))
        if len(entries) != len(headings):
            counts = f"{len(entries)} entries for {len(headings)} headings"
            raise ValueError(f"the outline of the {language} PDF has {counts}")
        for entry, heading in zip(entries, headings, strict=True):
            entry["/Title"] = pikepdf.String(heading)
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = say["title"]
            metadata["dc:creator"] = [say["authors"]]
            metadata["dc:language"] = {language}
        pdf.docinfo["/Creator"] = "make book"
        pdf.Root["/Lang"] = pikepdf.String(language)
        pdf.Root["/PageMode"] = pikepdf.Name.UseOutlines
        pdf.Root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return packed.getvalue()


def _digest(site: Path, language: str) -> str:
    """Hash of everything that changes a PDF."""
    folder = site / language
    sources = [site / "build.json", folder / "_static" / "site.css", *_OWN]
    sources += [folder / f"{name}.html" for name in book.page_names()]
    sources += sorted((folder / "_images").glob("*.*"))
    parts = [interface.digest(language).encode(), *(path.read_bytes() for path in sources)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _print_language(site: Path, language: str) -> bytes:
    document = site / language / "whole-book.html"  # beside the images that it shows
    document.write_text(whole_book.document(site, language), encoding="utf-8")
    chromium = browser.find()
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = running.new_page()
            printed = render(page, document)
            headings = page.evaluate(_HEADINGS)
            running.close()
        except Error as error:
            what = error.message.partition("\n")[0]
            raise RuntimeError(f"{chromium} could not print {language}: {what}") from error
    document.unlink()
    return describe(printed, language, headings)


def make(site: Path, *, preview: bool = False) -> None:
    """Puts the PDFs into the assembled site; prints only what has changed since it was printed.

    Args:
        site: The site, with all pages and its `build.json`.
        preview: Print nothing; take the PDFs that were printed last, if there are any.

    Raises:
        FileNotFoundError: The site lacks a page, or a page an image.
        RuntimeError: Chromium could not print.
        ValueError: A link leads to an anchor that is not there.
    """
    start = time.perf_counter()
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = {name: KEPT / f"{name}-{_digest(site, name)}.pdf" for name in book.LANGUAGES}
    changed = [] if preview else [name for name, path in kept.items() if not path.exists()]
    if changed:
        print(f"printing the PDFs: {', '.join(changed)} ...", flush=True)
        with ThreadPoolExecutor() as threads:  # each language in a browser of its own
            printed = list(threads.map(functools.partial(_print_language, site), changed))
        for language, content in zip(changed, printed, strict=True):
            durable.write(kept[language], content)
            for old in set(KEPT.glob(f"{language}-*.pdf")) - {kept[language]}:
                old.unlink()
        print(f"printed in {time.perf_counter() - start:.0f} s", flush=True)
    for language in book.LANGUAGES:
        for path in KEPT.glob(f"{language}-*.pdf"):
            shutil.copy(path, site / language / pdf_name(language))
