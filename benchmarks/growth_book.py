"""Books of any number of small chapters in both languages, made of generated text."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks import bare_book
from bookwright.book import HEADER

# Drafts: they lack the exercises and figures of a chapter.
_DRAFT = HEADER.removesuffix("---\n\n") + "draft: true\n---\n\n"
_CELLS = """```{{code-cell}} ipython3
from lessons_src import claims, data, report

SEEDS = claims.seeds(3)
values = [((seed + {number}) * 37 % 101) / 101 + 0.5 for seed in SEEDS]
report.glue(mean=sum(values) / len(values))
values
```

"""
_LAST = """```{code-cell} ipython3
:tags: [remove-cell]

claims.effect("%s", values, seeds=SEEDS, above=0.1)
report.end_page(data.TextDataset([], [], [], [], {}, (), "directory", {}, ()))
```

```{run-info}
```
"""
_SENTENCES = {
    "ko": ("{0}{1} {2}에서 {3}보다 큽니다.", "{0}의 평균은 {2}{1} 같은 {3}입니다."),
    "en": ("The {0} grows in {2} beyond {3}.", "In {2} the mean of {0} is a {3}."),
}
_TITLES = {"ko": "{}째 장: {}", "en": "Chapter {}: {}"}
_CLAIM = {
    "ko": "값은 {glue:text}`mean:.2f`로 커집니다.",
    "en": "It grows to {glue:text}`mean:.2f`.",
}
_SEE = {"ko": "앞의 내용은 {ref}`%s`에 있습니다.", "en": "See {ref}`%s` for what came before."}


def vocabulary(language: str, rng: random.Random, n_words: int = 4000) -> list[str]:
    """Words that look like the language's: Hangul syllables, or Latin ones."""
    if language == "ko":
        syllables = [chr(0xAC00 + rng.randrange(0, 11172, 7)) for _ in range(400)]
    else:
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return ["".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(n_words)]


def _prose(language: str, words: list[str], rng: random.Random, n_sentences: int) -> str:
    # Words as frequent as in real text (Zipf): the search index depends on it.
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    sentences = []
    for _ in range(n_sentences):
        first, place, other = rng.choices(words, weights, k=3)
        form = rng.choice(_SENTENCES[language])
        sentences.append(form.format(first, rng.choice("이가은는을를과와"), place, other))
    return "\n".join(sentences)


def page(language: str, number: int, words: list[str]) -> str:
    """One chapter in one language: prose in five sections, two cells, a claim, a reference."""
    rng = random.Random(f"{language}{number}")
    title = _TITLES[language].format(number, words[number % len(words)])
    parts = [_DRAFT, f"(chapter-{number})=\n# {title}\n\n"]
    parts += [_prose(language, words, rng, 50) + "\n\n", _CELLS.format(number=number)]
    if number:
        parts.append(_SEE[language] % f"chapter-{number - 1}" + "\n\n")
    for section in range(4):
        heading = f"{words[(number * 7 + section) % len(words)]} {section}"
        parts.append(f"## {heading}\n\n{_prose(language, words, rng, 50)}\n\n")
    parts += [f":::{{claim}} grows-{number}\n{_CLAIM[language]}\n:::\n\n"]
    parts.append(_LAST % f"grows-{number}")
    return "".join(parts)


def write(folder: Path, n_chapters: int) -> None:
    """Writes a book that has this many chapters, the front page among them.

    Args:
        folder: Where it goes; it must not be there.
        n_chapters: At least one.
    """
    names = ["index", *(f"chapter{number}" for number in range(1, n_chapters))]
    words = {each: vocabulary(each, random.Random(each)) for each in bare_book.SAID["languages"]}
    pages = {
        name: {language: page(language, number, words[language]) for language in words}
        for number, name in enumerate(names)
    }
    bare_book.write(folder, pages)


def change(folder: Path, number: int) -> None:
    """Changes the code of one chapter, in both languages."""
    name = f"chapter{number}" if number else "index"
    for language in ("ko", "en"):
        path = folder / "book" / language / f"{name}.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("/ 101 + 0.5", "/ 101 + 0.6"), encoding="utf-8")
