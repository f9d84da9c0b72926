"""Which sections are newer in one language than in the other, told from git's history."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from bookwright import book as pages
from bookwright.translation import history
from bookwright.translation.history import Step
from bookwright.translation.sections import Reader, Section


class Event(NamedTuple):
    """A section's prose changed."""

    step: int
    prose: str
    needless: bool  # the author says that there is nothing to follow
    wording: bool  # it has as many statements as before


class Newer(NamedTuple):
    """A section whose prose one language changed and the other did not follow.

    Commits are None where the change is not committed, `before` also where there was none.
    """

    page: str
    number: int  # in the order of the page, from 0
    language: str  # the newer one
    headings: dict[str, str]  # by language
    lines: dict[str, int]  # of the headings
    before: str | None  # the commit before the first change that was not followed
    commit: str | None  # the last such change
    date: str | None

    @property
    def other(self) -> str:
        """The language that has not followed."""
        return next(each for each in self.headings if each != self.language)


class _Tracked(NamedTuple):
    section: Section
    events: list[Event]


def _follow(
    before: list[_Tracked], after: list[Section], step: int, needless: bool
) -> list[_Tracked]:
    """Carries what is known of each section over to the page's next version.

    Sections of the same heading are the same. If as many others went as came, they were renamed.
    """

    def keys(found: list[Section]) -> list[tuple[str, int]]:
        headings = [section.heading for section in found]
        return [(heading, headings[:i].count(heading)) for i, heading in enumerate(headings)]

    known = dict(zip(keys([tracked.section for tracked in before]), before, strict=True))
    now = keys(after)
    gone = [tracked for key, tracked in known.items() if key not in set(now)]
    come = [key for key in now if key not in known]
    if len(gone) == len(come):
        known |= dict(zip(come, gone, strict=True))
    found = []
    for key, section in zip(now, after, strict=True):
        old, events = known.get(key, (None, []))
        if old is None or old.prose != section.prose:
            wording = old is not None and old.statements == section.statements
            events = [*events, Event(step, section.prose, needless, wording)]
        found.append(_Tracked(section, events))
    return found


class _Page:
    """What is known of one page in both languages, step by step."""

    def __init__(self) -> None:
        self.tracked: dict[str, list[_Tracked]] = {each: [] for each in pages.LANGUAGES}
        self.together: set[int] = set()  # steps that changed prose in both languages

    def follow(self, step: int, after: Mapping[str, tuple[list[Section], bool]]) -> None:
        """Takes over the next version of one language or both, and whether it is needless."""
        for language, (found, needless) in after.items():
            self.tracked[language] = _follow(self.tracked[language], found, step, needless)
        if any(tracked.section.draft for page in self.tracked.values() for tracked in page):
            self._begin_anew(step)
        changed = [
            any(tracked.events[-1].step == step for tracked in page)
            for page in self.tracked.values()
        ]
        if all(changed):
            self.together.add(step)

    def _begin_anew(self, step: int) -> None:
        """Forgets in which order a draft was written, one language after the other."""
        for language, found in self.tracked.items():
            self.tracked[language] = [
                _Tracked(one.section, [Event(step, one.section.prose, False, False)])
                for one in found
            ]


def ahead(
    events: Mapping[str, Iterable[Event]], together: Set[int] = frozenset()
) -> tuple[str, int, int] | None:
    """Which language's section is newer, and the first and the last step that made it so.

    A step that changes both languages leaves them in step. After one that changed one language
    alone, the next change of the other is taken for its translation.

    Args:
        events: The changes of one section by language, oldest first.
        together: Steps that changed the page in both languages: what they changed in one
            language's section alone is a matter of wording if no statement came or went.
    """
    every = [(event.step, language, event) for language in events for event in events[language]]
    now: dict[str, str] = {}
    agreed: dict[str, str] = {}
    found: tuple[str, int, int] | None = None
    for step, group in itertools.groupby(sorted(every), key=lambda one: one[0]):
        changes = {language: event for _, language, event in group}
        now |= {language: event.prose for language, event in changes.items()}
        leader = found[0] if found else None
        alone = len(changes) == 1 and step in together
        counted = {
            language
            for language, event in changes.items()
            if not event.needless and not (event.wording and alone and leader in (None, language))
        }
        if now == agreed or len(counted) > 1 or (leader and counted - {leader}):
            found = None
        elif counted:
            found = (*counted, found[1] if found else step, step)
        kept = found[0] if found else None
        agreed |= {language: now[language] for language in changes if language != kept}
        if found is None:
            agreed = dict(now)
    return found


def _now(root: Path, name: str, reader: Reader) -> dict[str, tuple[list[Section], bool]]:
    """A page's sections as the files have them."""
    found = {}
    for language in pages.LANGUAGES:
        path = root / "book" / language / f"{name}.md"
        if not path.exists():
            where = path.relative_to(root).as_posix()
            raise ValueError(f"{where} is missing: _toc.yml lists {name!r}, in each language")
        found[language] = (reader.read(path), False)
    if len({len(each) for each, _ in found.values()}) > 1:
        told = " and ".join(
            f"book/{language}/{name}.md has {len(each)}" for language, (each, _) in found.items()
        )
        raise ValueError(f"the headings differ, {told}: `python -m bookwright checks` says where")
    return found


def _newer(name: str, page: _Page, past: list[Step]) -> Iterator[Newer]:
    for number, pair in enumerate(zip(*page.tracked.values(), strict=True)):
        both = dict(zip(page.tracked, pair, strict=True))
        result = ahead({each: one.events for each, one in both.items()}, page.together)
        if result is None:
            continue
        language, first, last = result
        yield Newer(
            page=name,
            number=number,
            language=language,
            headings={each: one.section.heading for each, one in both.items()},
            lines={each: one.section.line for each, one in both.items()},
            before=past[first].parent if first < len(past) else None,
            commit=past[last].commit if last < len(past) else None,
            date=past[last].date if last < len(past) else None,
        )


def newer_sections(root: Path = pages.ROOT, names: Iterable[str] | None = None) -> list[Newer]:
    """All sections that are newer in one language, in the order of the book; none in a book of one.

    Args:
        root: The project's folder.
        names: The pages; by default those of the table of contents.

    Raises:
        NoHistoryError: Git does not know when the pages changed.
        ValueError: A page is missing, or has not the same number of sections in both languages.
    """
    if len(pages.LANGUAGES) < 2:
        return []
    names = pages.page_names(root / "_toc.yml") if names is None else names
    past = history.steps(root)
    reader = Reader(root / "_build" / "sections.json")
    blobs = {change.blob for step in past for change in step.changes.values() if change.blob}
    for blob, text in history.read(root, reader.unknown(blobs)):
        reader.add(blob, text)
    reader.save()
    book: dict[str, _Page] = defaultdict(_Page)
    for number, step in enumerate(past):
        changed: dict[str, dict[str, tuple[list[Section], bool]]] = defaultdict(dict)
        for (language, name), change in step.changes.items():
            after = reader.sections(change.blob) if change.blob else []
            changed[name][language] = (after, change.needless)
        for name, versions in changed.items():
            book[name].follow(number, versions)
    found: list[Newer] = []
    for name in names:
        book[name].follow(len(past), _now(root, name, reader))  # not committed: the newest step
        found += _newer(name, book[name], past)
    return found
