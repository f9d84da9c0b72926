"""Books of any number of small chapters in both languages, made of generated text.

Each is there twice: as a book of ours, and as one that stock Jupyter Book builds.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import yaml

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
_MODULE = "growing"
_MODULE_FILE = f"lessons_src/chapters/{_MODULE}.py"
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


def page(language: str, number: int, words: list[str], module: bool = False) -> str:
    """One chapter in one language: prose in five sections, two cells, a claim, a reference.

    Args:
        language: The language.
        number: Which chapter, from 0.
        words: The language's vocabulary.
        module: Whether its cells import the book's module of a chapter.
    """
    rng = random.Random(f"{language}{number}")
    title = _TITLES[language].format(number, words[number % len(words)])
    cells = _CELLS.format(number=number)
    if module:
        cells = cells.replace(
            "report\n", f"report\nfrom lessons_src.chapters import {_MODULE}\n", 1
        )
        cells = cells.replace("0.5", f"{_MODULE}.START")
    parts = [_DRAFT, f"(chapter-{number})=\n# {title}\n\n"]
    parts += [_prose(language, words, rng, 50) + "\n\n", cells]
    if number:
        parts.append(_SEE[language] % f"chapter-{number - 1}" + "\n\n")
    for section in range(4):
        heading = f"{words[(number * 7 + section) % len(words)]} {section}"
        parts.append(f"## {heading}\n\n{_prose(language, words, rng, 50)}\n\n")
    parts += [f":::{{claim}} grows-{number}\n{_CLAIM[language]}\n:::\n\n"]
    parts.append(_LAST % f"grows-{number}")
    return "".join(parts)


def name_of(number: int) -> str:
    """What a chapter is called."""
    return f"chapter{number}" if number else "index"


def _words() -> dict[str, list[str]]:
    return {each: vocabulary(each, random.Random(each)) for each in bare_book.SAID["languages"]}


def write(folder: Path, n_chapters: int) -> None:
    """Writes a book that has this many chapters, the front page among them.

    The one in the middle has a module.

    Args:
        folder: Where it goes; it must not be there.
        n_chapters: At least two.
    """
    words = _words()
    pages = {
        name_of(number): {
            language: page(language, number, words[language], number == n_chapters // 2)
            for language in words
        }
        for number in range(n_chapters)
    }
    bare_book.write(folder, pages)
    (folder / _MODULE_FILE).write_text("START = 0.5\n", encoding="utf-8")


def as_stock(text: str) -> str:
    """A page as stock Jupyter Book takes it: a claim is a box, and no line tells of the run."""
    text = re.sub(r":::\{claim\} (\S+)", r":::{admonition} \1", text)
    return text.replace("```{run-info}\n```\n", "")


def write_stock(folder: Path, book: Path) -> None:
    """Writes the same book for stock Jupyter Book, with its own theme.

    Args:
        folder: Where it goes; it must not be there.
        book: One of ours whose runs have been handed over, which it shows.
    """
    for path in sorted((book / "book").glob("*/*.md")):
        target = folder / path.relative_to(book)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(as_stock(path.read_text(encoding="utf-8")), encoding="utf-8")
    ours = bare_book.CONFIG
    kept = ("numfig", "nb_merge_streams", "suppress_warnings")
    said = {name: ours["sphinx"]["config"][name] for name in kept}
    runs = {"cache": str(folder / "runs")}
    config = ours | {"execute": ours["execute"] | runs, "sphinx": {"config": said}}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "_toc.yml").write_bytes((book / "_toc.yml").read_bytes())


def change_prose(folder: Path, number: int) -> None:
    """Adds a sentence to one chapter, in both languages."""
    for language, words in _words().items():
        path = folder / "book" / language / f"{name_of(number)}.md"
        before, mark, after = path.read_text(encoding="utf-8").partition("\n## ")
        sentence = _prose(language, words, random.Random(before), 1)
        path.write_text(f"{before}\n{sentence}\n{mark}{after}", encoding="utf-8")


def change_module(folder: Path) -> None:
    """Changes what the module of the chapter in the middle says."""
    path = folder / _MODULE_FILE
    value = float(path.read_text(encoding="utf-8").rpartition("=")[2]) + 0.001
    path.write_text(f"START = {value:.3f}\n", encoding="utf-8")


def change_chapters(folder: Path, n_chapters: int, stock: bool = False) -> None:
    """Puts a new chapter at the end, in the place of the last new one if there is one.

    Args:
        folder: The book.
        n_chapters: Of how many chapters it was written.
        stock: Whether it is one for stock Jupyter Book.
    """
    words, numbers = _words(), range(n_chapters)
    there = {int(path.stem[7:]) for path in (folder / "book").glob("*/chapter*.md")}
    new = max(there, default=0) + 1
    for language in words:
        for old in there - {*numbers}:
            (folder / "book" / language / f"{name_of(old)}.md").unlink()
        text = page(language, new, words[language])
        text = re.sub(r"`chapter-\d+`", f"`chapter-{n_chapters - 1}`", text)
        path = folder / "book" / language / f"{name_of(new)}.md"
        path.write_text(as_stock(text) if stock else text, encoding="utf-8")
    contents = bare_book.contents(*map(name_of, [*numbers, new]))
    (folder / "_toc.yml").write_text(contents, encoding="utf-8")
