"""Which pages two built sites show differently, in both languages, as Markdown.

The list is printed; a workflow also shows it on its page (`GITHUB_STEP_SUMMARY`).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from bookwright import blocks, book, ci
from bookwright import words as interface
from bookwright.places import SITE
from bookwright.problems import tell_problem
from bookwright.search import index

# What every run writes anew, or names by its content: no change of the page.
_VOLATILE = f"{blocks.NOT_COMPARED}, {blocks.FURNITURE}"
_RESULTS_ONLY = "results only"
_SAME = "–"
_NUMBER = re.compile(r"^\d+(\.\d+)*\. ")  # a new chapter renumbers all that follow
_SHOWN = 8  # sections of a page that are named


def _results(page: str) -> str:
    """Text of a page with its outputs, without what differs in every run."""
    if (article := blocks.article(page)) is None:
        return ""
    for tag in article.cssselect(_VOLATILE):
        tag.drop_tree()
    pictures = " ".join(str(image.get("src")).rpartition("/")[2] for image in article.iter("img"))
    return " ".join(article.text_content().split()) + pictures


def page_changes(old: str, new: str, name: str) -> list[str]:
    """What a reader finds different on a page.

    Args:
        old: The page's HTML before.
        new: The page's HTML now.
        name: The page's name.

    Returns:
        The titles of changed and new sections, what was removed, or "results only" if the page's
        own words are the same; nothing if there is no difference.
    """
    before, after = (
        {
            section.address: section._replace(title=_NUMBER.sub("", section.title), page="")
            for section in index.sections(page, name)
        }
        for page in (old, new)
    )
    changes = [
        section.title for place, section in after.items() if section != before.get(place, None)
    ]
    gone = [section.title for place, section in before.items() if place not in after]
    changes += [f"removed: {title}" for title in gone if title not in changes]
    if not changes and _results(old) != _results(new):
        return [_RESULTS_ONLY]
    return changes


def compare(old: Path, new: Path) -> dict[str, dict[str, list[str]]]:
    """Changes of each page that differs, by name and language."""
    names = dict.fromkeys(
        path.stem
        for site in (new, old)
        for language in book.LANGUAGES
        for path in sorted((site / language).glob("*.html"))
        if path.stem != "genindex"
    )
    found: dict[str, dict[str, list[str]]] = {}
    for name in names:
        for language in book.LANGUAGES:
            before, after = (site / language / f"{name}.html" for site in (old, new))
            if before.exists() and after.exists():
                earlier, now = (path.read_text(encoding="utf-8") for path in (before, after))
                changes = page_changes(earlier, now, name)
            else:
                changes = ["new page" if after.exists() else "page removed"]
            if changes:
                found.setdefault(name, {})[language] = changes
    return found


def _cell(changes: Sequence[str]) -> str:
    # Titles may hold anything: no Markdown, no HTML and no end of the cell comes out of them.
    if (more := len(changes) - _SHOWN) > 0:
        changes = [*changes[:_SHOWN], f"{more} more"]
    safe = [re.sub(r"([\\`*_{}\[\]<>|#@~!$:])", r"\\\1", change) for change in changes]
    return "; ".join(safe) or _SAME


def markdown(found: dict[str, dict[str, list[str]]]) -> str:
    """The changes as a table."""
    said = [interface.of(language)["changed"] for language in reversed(book.LANGUAGES)]
    title = "## " + " · ".join(words["title"] for words in said)
    if not found:
        return f"{title}\n\n{' '.join(words['none'] for words in said)}\n"
    names = [interface.name_of(language, language) for language in book.LANGUAGES]
    lines = [
        title,
        "",
        "| " + " | ".join([said[0]["page"], *names]) + " |",
        "| --- " * (1 + len(names)) + "|",
    ]
    for name, languages in found.items():
        cells = " | ".join(_cell(languages.get(language, [])) for language in book.LANGUAGES)
        lines.append(f"| {_cell([name])} | {cells} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Prints the list; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bookwright changes", description=__doc__)
    parser.add_argument("old", type=Path, help="a built site, such as a copy of the published one")
    parser.add_argument("new", type=Path, nargs="?", default=SITE, help="_build/html, if left out")
    given = parser.parse_args(arguments)
    for site in (given.old, given.new):
        for language in [each for each in book.LANGUAGES if not (site / each).is_dir()]:
            tell_problem(f"{site} is no built site: it has no pages in {language}/")
            return 1
    text = markdown(compare(given.old, given.new))
    print(text, end="")
    ci.hand_over("GITHUB_STEP_SUMMARY", text)
    return 0
