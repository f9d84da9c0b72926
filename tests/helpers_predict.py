"""A small book with questions above its results, and what its reader sees of them in a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page

from bookwright.book import HEADER
from tests.conftest import ROOT
from tests.helpers import Book, make_book

# Shows what questions keep folded until a reader has answered.
ALL_RESULTS = """
if (!document.documentElement.matches(".all-shown")) document.querySelector(".predict-all")?.click()
"""

SET_UP = """```{code-cell} ipython3
:tags: [remove-cell]

from lessons_src import claims, data, report

dataset = data.TextDataset([], [], [], [], {}, (), "directory", {}, ())
```
"""
LAB = """
:::{lab} plane
$x^2$?
:::

"""
END = """```{code-cell} ipython3
:tags: [remove-cell]

report.end_page(dataset)
```

```{run-info}
```
"""
# Of both languages the ranges, and what an author writes by whom the words are not compared.
RANGES = [".. 1", "1 .. 10", "10 .. 100"]
WORDS = {
    "en": {
        "title": "# Title\n\nProse of the page.",
        "question": "How many times does it grow with $x^2$?",
        "choices": ["It shrinks", "Some times", "Dozens of times"],
        "whys": ["**Shrinking.** Nothing takes away.", "", "**Doubling.** It adds only."],
        "sentence": "It grows.",
        "result": "So much for the result.",
        "after": "## After\n\nMore.",
    },
    "ko": {
        "title": "# 제목\n\n설명입니다.",
        "question": "$x^2$이면 몇 배로 커질까요?",
        "choices": ["줄어듭니다", "몇 배", "수십 배"],
        "whys": ["**축소.** 빼는 것이 없습니다.", "", "**배증.** 더하기만 합니다."],
        "sentence": "커집니다.",
        "result": "결과는 여기까지입니다.",
        "after": "## 다음\n\n더 있습니다.",
    },
}


def asked(language: str, claim: str = "grows", ranges: list[str] | None = None) -> str:
    """A question as an author writes it."""
    words = WORDS[language]
    lines = [f":::{{predict}} {claim}", ":because: the margin, and ten times it", ":expected: 1"]
    lines.append("")
    lines += [str(words["question"]), ""]
    for each, choice, why in zip(ranges or RANGES, words["choices"], words["whys"], strict=True):
        lines.append(f"- {each} | {choice}{f' | {why}' if why else ''}")
    return "\n".join([*lines, ":::\n"])


def measuring(claim: str = "grows", call: str = "fact", value: str = "3", more: str = "") -> str:
    """The cell that answers it; it prints."""
    source = f'print("printed {claim}")\nclaims.{call}("{claim}", {value}, {more}above=0.5)'
    return f"```{{code-cell}} ipython3\n{source}\n```\n"


def stated(language: str, claim: str = "grows") -> str:
    words = WORDS[language]
    sentence = f":::{{claim}} {claim}\n{words['sentence']}\n:::\n"
    return f"{sentence}\n({claim}-here)=\n{words['result']} {claim}\n"


def page(language: str) -> str:
    """Two questions with an answer, and one whose claim no pool has decided."""
    seeds = "seeds=claims.seeds(3), "
    parts = [
        f"{HEADER}{WORDS[language]['title']}\n\n{{ref}}`link <grows-more-here>`\n",
        *(SET_UP, asked(language), measuring(), stated(language)),
        *(asked(language, "grows-more"), measuring("grows-more"), stated(language, "grows-more")),
        LAB,
        ":::{predict-end}\n:::\n",
        f"{WORDS[language]['after']}\n",
        asked(language, "open"),
        measuring("open", "effect", "[3.0, 3.1, 3.2]", seeds),
        stated(language, "open"),
        END,
    ]
    return "\n".join(parts)


def write(folder: Path, value: str = "3") -> Book:
    """The book, not built yet; the first question's claim measures the value."""
    plain = {each: f"{HEADER}{WORDS[each]['title']}\n\n{SET_UP}\n{END}" for each in WORDS}
    asking = {each: page(each).replace('"grows", 3,', f'"grows", {value},') for each in WORDS}
    book = make_book(folder, {"index": plain, "asked": asking})
    shutil.copytree(ROOT / "book" / "labs", folder / "book" / "labs")
    return book


class Question:
    """One question of an open page."""

    def __init__(self, page: Page, claim: str = "grows") -> None:
        self.page, self.claim = page, claim
        self.box = page.locator(f"#predict-{claim}")
        self.choices = self.box.locator(".predict-choices button")
        self.status = self.box.locator("[role=status]")
        self.all: Locator = self.box.locator(".predict-all")
        self.result = page.locator(f"#result-{claim}")
        self.output = page.locator(f"#output-{claim}")

    def answer(self, place: int) -> None:
        """Answers, and waits until it is told what is right: that is loaded for it."""
        self.choices.nth(place).click()
        self.page.wait_for_function(
            "id => document.querySelector(`#${id} [role=status]`)?.textContent.trim()",
            arg=f"predict-{self.claim}",
        )

    @property
    def folded(self) -> bool:
        """Whether the reader sees neither the output nor what follows."""
        parts = self.page.locator(f"#output-{self.claim}, #result-{self.claim}")
        shown = "all => all.map((x) => x.firstElementChild.checkVisibility())"
        seen = parts.evaluate_all(shown)
        assert len(set(seen)) == 1
        return not seen[0]
