"""Whether the two languages of a page have the same parts in the same order."""

from __future__ import annotations

import itertools

from bookwright.source.facts import Facts, Found, left_over


def compare(name: str, korean: Facts, english: Facts) -> list[str]:
    """Lists what one language's page has and the other's lacks."""
    problems = []
    ko, en = f"book/ko/{name}.md", f"book/en/{name}.md"
    for what in ("labels", "directives", "claims", "terms"):
        left, right = getattr(korean, what), getattr(english, what)
        for has, lacks, spare in (
            (ko, en, left_over(left, right)),
            (en, ko, left_over(right, left)),
        ):
            problems += [f"{has}:{x.line}: {lacks} lacks the {what[:-1]} {x.what!r}" for x in spare]
    if len(korean.cells) != len(english.cells):
        problems.append(f"{ko} has {len(korean.cells)} code cells, {en} has {len(english.cells)}")
    for number, (one, two) in enumerate(zip(korean.cells, english.cells, strict=False), 1):
        if one.source != two.source:
            lines = itertools.zip_longest(one.source.split("\n"), two.source.split("\n"))
            i, (a, b) = next((i, pair) for i, pair in enumerate(lines) if pair[0] != pair[1])
            first = f"{ko}:{one.line + i} has {a or ''!r}, {en}:{two.line + i} has {b or ''!r}"
            problems.append(f"code cell {number} differs: {first}")
        elif one.tags != two.tags:
            tags = f"{ko}:{one.line} has {list(one.tags)}, {en}:{two.line} has {list(two.tags)}"
            problems.append(f"code cell {number} differs in its tags: {tags}")
    headings = itertools.zip_longest(korean.headings, english.headings, fillvalue=Found("none", 1))
    for here, there in headings:
        if here.what != there.what:
            problems.append(
                f"{ko}:{here.line} and {en}:{there.line}: the headings differ from here on, "
                f"{here.what} against {there.what} "
                f"({len(korean.headings)} headings against {len(english.headings)})"
            )
            break
    order = [[found.what for found in page.directives] for page in (korean, english)]
    if not problems and order[0] != order[1]:
        problems.append(f"{ko} and {en} have the same directives in another order")
    return problems
