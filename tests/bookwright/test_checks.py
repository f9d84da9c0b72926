"""The checks of the pages, on tiny pages with one thing wrong, and on the book itself."""

from types import SimpleNamespace

import pytest

from bookwright import book as pages
from bookwright.book import HEADER
from bookwright.checks import all as checks
from bookwright.checks import claims, terms, typed_results
from bookwright.problems import Problem, ProblemError
from bookwright.runs import store
from bookwright.source import header
from bookwright.source.facts import reading_problems
from tests.helpers import said

BODY = """# Title

Prose.

(a-label)=
## Section

$$
L = 0.5 x
$$ (eq-loss)

```{code-cell} ipython3
:tags: [hide-output]

from lessons_src import claims, exercises, report

values = [1.0, 2.0, 3.0]
claims.effect("faster", values, seeds=[0, 1, 2], above=0)
```

:::{claim} faster
It is faster.
:::

:::{exercise} Do it
:label: ex-first

Please.
:::

```{code-cell} ipython3
exercises.check("first", None)
```

```{code-cell} ipython3
exercises.solution("first", 1)
```

```{glue:figure} fig_one
:name: fig-one
:alt: A line.

The caption.
```

```{code-cell} ipython3
report.end_page(dataset)
```

```{run-info}
```
"""
PAGE = HEADER + BODY
KO, EN = "book/ko/chapter.md", "book/en/chapter.md"


def changed(*replacements, page=PAGE):
    """The page with fragments replaced, each of which it holds once."""
    for old, new in replacements:
        assert page.count(old) == 1
        page = page.replace(old, new)
    return page


def without(fragment):
    return changed((fragment, ""))


def line_of(fragment, page):
    """Number of the line on which a fragment starts that the page holds once."""
    assert page.count(fragment) == 1
    return page[: page.index(fragment)].count("\n") + 1


@pytest.fixture
def problems(tmp_path):
    """Writes a chapter and returns what is wrong with it."""

    def check(ko=PAGE, en=PAGE):
        for language, page in (("ko", ko), ("en", en)):
            (tmp_path / language).mkdir(exist_ok=True)
            if page is not None:
                (tmp_path / language / "chapter.md").write_text(page, encoding="utf-8")
        return said(checks.page_problems("chapter", tmp_path))

    return check


def test_the_pages_of_the_book_have_no_problems():
    assert checks.all_problems() == []


def test_a_page_with_nothing_wrong_has_no_problems(problems):
    assert problems() == []
    korean = changed(("# Title", "# 제목"), ("The caption.", "설명."), ("Prose.", "글."))
    assert problems(ko=korean) == []


# What both languages must share


@pytest.mark.parametrize(("language", "where"), [("ko", KO), ("en", EN)])
def test_a_page_missing_in_one_language_is_named(problems, language, where):
    assert problems(**{language: None}) == [
        f"{where}: is missing: _toc.yml lists 'chapter', and each language needs it"
    ]


def test_a_missing_heading_is_named_with_its_line(problems):
    (problem,) = problems(en=without("## Section\n"))
    place = f"{KO}:{line_of('## Section', PAGE)}"
    assert problem.startswith(f"{place}: the headings differ from here and from {EN}:1 on: ")
    assert "2 headings against 1" in problem


def test_a_heading_of_another_level_is_named_with_both_lines(problems):
    korean = changed(("Prose.", "One.\n\nTwo."), ("## Section", "### 절"))
    (problem,) = problems(ko=korean)
    ko, en = line_of("### 절", korean), line_of("## Section", PAGE)
    assert problem.startswith(
        f"{KO}:{ko}: the headings differ from here and from {EN}:{en} on: h3 "
    )


def test_a_changed_word_in_a_cell_names_the_cell_and_both_lines(problems):
    english = changed(("values = [1.0,", "values = [1.5,"), ("Prose.", "One.\n\nTwo."))
    ko, en = line_of("values = [", PAGE), line_of("values = [", english)
    assert ko != en
    assert problems(en=english) == [
        f"{KO}:{ko}: code cell 1 differs: here 'values = [1.0, 2.0, 3.0]', "
        f"in {EN}:{en} 'values = [1.5, 2.0, 3.0]'"
    ]


def test_a_line_more_in_one_languages_cell_is_found(problems):
    english = changed(("report.end_page(dataset)", "report.end_page(dataset)\nprint()"))
    (problem,) = problems(en=english)
    place = f"{KO}:{line_of('report.end_page(dataset)', PAGE) + 1}"
    assert problem.startswith(f"{place}: code cell 4 differs: here '', ")
    assert problem.endswith(f"in {EN}:{line_of('print()', english)} 'print()'")


def test_tags_that_differ_are_found(problems):
    (problem,) = problems(en=changed(("[hide-output]", "[hide-cell]")))
    line = line_of("from lessons_src", PAGE)
    assert problem == (
        f"{KO}:{line}: code cell 1 differs in its tags: here ['hide-output'], "
        f"in {EN}:{line} ['hide-cell']"
    )


def test_a_cell_in_one_language_only_is_counted(problems):
    english = changed(("Prose.", "Prose.\n\n```{code-cell} ipython3\nprint()\n```"))
    assert f"{KO}: 4 code cells, and {EN} has 5" in problems(en=english)


@pytest.mark.parametrize(
    ("fragment", "label"),
    [
        ("(a-label)=\n", "a-label"),
        (" (eq-loss)", "eq-loss"),
        (":name: fig-one\n", "fig-one"),
        (":label: ex-first\n", "ex-first"),
    ],
)
def test_a_label_missing_in_one_language_is_named(problems, fragment, label):
    (problem,) = problems(en=without(fragment))
    assert problem.endswith(f": {EN} lacks the label {label!r}")
    assert problem.startswith(f"{KO}:")
    (problem,) = problems(ko=without(fragment))
    assert problem.endswith(f": {KO} lacks the label {label!r}")


def test_the_line_of_a_missing_label_is_that_of_the_option_that_gives_it(problems):
    (problem,) = problems(en=without(":label: ex-first\n"))
    assert problem.startswith(f"{KO}:{line_of(':label: ex-first', PAGE)}: ")


def test_another_figure_in_one_language_is_named(problems):
    found = problems(en=changed(("fig_one\n", "fig_two\n")))
    line = line_of("```{glue:figure}", PAGE)
    assert sorted(found) == [
        f"{EN}:{line}: {KO} lacks the directive '{{glue:figure}} fig_two'",
        f"{KO}:{line}: {EN} lacks the directive '{{glue:figure}} fig_one'",
    ]


def test_directives_in_another_order_are_found(problems):
    claim = ":::{claim} faster\nIt is faster.\n:::\n\n"
    moved = changed((claim, ""), ("```{glue:figure}", claim + "```{glue:figure}"))
    assert problems(en=moved) == [f"{KO}: {EN} has the same directives in another order"]


def test_a_claim_in_one_language_only_is_named(problems):
    found = problems(en=without(":::{claim} faster\nIt is faster.\n:::\n"))
    assert f"{KO}:{line_of(':::{claim}', PAGE)}: {EN} lacks the claim 'faster'" in found


# What each page must have


def test_keys_that_a_header_lacks_are_named():
    page = changed(("jupytext:", "other:"), ("kernelspec:", "k:"))
    assert said(header.header_problems("page.md", page)) == [
        "page.md:1: the header lacks 'jupytext'",
        "page.md:1: the header lacks 'kernelspec'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("  text_representation:", "text_representation:", 2),
        ("    extension: .md\n    format_name: myst\n", "", 3),
        ("  display_name: Python 3\n  language: python\n  name: python3\n", "", 6),
        ("  name: python3", "  name: [python3]", 9),
    ],
)
def test_keys_of_a_header_that_hold_something_else_are_named(old, new, line):
    [problem] = header.header_problems("page.md", changed((old, new)))
    assert problem.line == line
    assert problem.what.startswith("the header: ")
    assert "expected" in problem.what


@pytest.mark.parametrize(
    ("cell", "line", "what"),
    [
        ("```{code-cell}\n:tags: [\n1\n```", 1, "the options of this cell cannot be read"),
        ("```{code-cell}\n---\ntags: [\n---\n```", 1, "the options of this cell cannot be read"),
        ("One\n\n+++ two", 3, "what follows the +++ is no JSON"),
        ("```{code-cell}\n:load: ../a.py\n```", None, "a cell may not load a file"),
    ],
)
def test_a_cell_that_cannot_be_read_is_a_problem_and_no_crash(problems, cell, line, what):
    page = f"{HEADER}{cell}\n"
    (problem,) = problems(en=page)
    place = f"{EN}:{HEADER.count(chr(10)) + line}" if line else EN
    assert problem.startswith(f"{place}: {what}")


@pytest.mark.parametrize("page", ["", "\n \n"])
def test_a_page_that_is_empty_is_a_problem_and_no_crash(page, tmp_path):
    book = tmp_path / "book"
    for language in pages.LANGUAGES:
        (book / language).mkdir(parents=True)
        (book / language / "chapter.md").write_text(page, encoding="utf-8")
    empty = "is empty: restore it from git, or write something into it"
    assert said(checks.unreadable(book)) == [f"{EN}: {empty}", f"{KO}: {empty}"]
    with pytest.raises(ProblemError) as caught:
        checks.page_problems("chapter", book)
    assert said(caught.value.problems) == [f"{KO}: {empty}"]


def test_what_cannot_be_read_is_all_that_is_told(monkeypatch, capsys):
    monkeypatch.setattr(checks, "unreadable", lambda: [Problem("is empty", KO)])
    monkeypatch.setattr(checks, "all_problems", lambda: pytest.fail("nothing else can be read"))
    assert checks.main() == 1
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", f"{KO}: is empty\n")


@pytest.mark.parametrize(
    "page", ["---\n\n---\n\n# Title\n", "---\n---\n\n# Title\n", f"---\n{HEADER}# Title\n"]
)
def test_a_header_that_is_empty_is_a_problem_and_no_crash(problems, page, tmp_path):
    expected = [f"{EN}:1: the header lacks {key!r}" for key in ("jupytext", "kernelspec")]
    assert problems(en=page) == expected
    assert len(problems(ko=page, en=page)) == 4
    assert len(checks.all_problems(["chapter"], tmp_path)) == 4


def test_signs_that_nobody_sees_are_named_in_every_file_and_name(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    hidden = {"words.yml": "a: b\u200b", "code.py": "x = '\u202e'", "refs.bib": "@b{\u1100\u1161}"}
    for name, text in (hidden | {"a\u200b.svg": "\u200b"}).items():
        (tmp_path / "book" / name).write_text(text, encoding="utf-8")
    listed = sorted((tmp_path / "book").glob("*.*"))
    monkeypatch.setattr(checks.links, "listed", lambda root, *patterns: listed)
    found = said(checks.all_problems(["chapter"], tmp_path / "book"))
    for start in (
        "book/words.yml:1:5: an invisible sign, U+200B",
        "book/code.py:1:6: an invisible sign, U+202E",
        "book/refs.bib:1:4: '가}' is written in decomposed letters",
        "book/a\u200b.svg: its name has an invisible sign, U+200B",
    ):
        assert any(each.startswith(start) for each in found), found


def test_a_page_without_a_header_is_told_what_is_to_be_there(problems):
    (problem,) = problems(en=BODY)
    assert problem.startswith(f"{EN}:1: the page does not begin with its header: ")


def test_a_header_that_is_not_yaml_is_a_problem_and_no_crash(problems):
    page = changed(("kernelspec:", "kernelspec: ["))
    (problem,) = problems(ko=page)
    place = f"{KO}:{line_of('  language', page)}:11"
    assert problem.startswith(f"{place}: the header is not YAML: ")


def test_a_claim_that_no_cell_measures_is_named_with_its_line():
    page = changed(('claims.effect("faster"', 'claims.measure("faster"'))
    (problem,) = said(claims.claim_problems("page.md", page))
    assert problem.startswith(f"page.md:{line_of(':::{claim}', page)}: no cell measures ")
    assert "'faster'" in problem


def test_a_measurement_that_no_sentence_claims_is_named_with_its_line():
    page = without(":::{claim} faster\nIt is faster.\n:::\n")
    (problem,) = said(claims.claim_problems("page.md", page))
    assert problem.startswith(f"page.md:{line_of('claims.effect', page)}: a cell measures 'faster'")


def test_a_claim_inside_another_directive_counts():
    claim = ":::{claim} faster\nIt is faster.\n:::"
    assert claims.claim_problems("p", changed((claim, f"::::{{note}}\n{claim}\n::::"))) == []


def test_an_id_that_is_no_text_is_named():
    page = changed(('claims.effect("faster"', "claims.effect(name"))
    found = said(claims.claim_problems("p", page))
    assert any("measures 'name'" in problem for problem in found)


@pytest.mark.parametrize(
    ("fragment", "what"),
    [
        (":::{claim} faster\nIt is faster.\n:::\n", "sentence"),
        ('claims.effect("faster", values, seeds=[0, 1, 2], above=0)\n', "measurement"),
    ],
)
def test_a_claim_made_or_measured_twice_is_named_with_the_second_line(fragment, what):
    page = changed((fragment, fragment + "\n" + fragment))
    second = page[: page.rindex(fragment)].count("\n") + 1
    assert said(claims.claim_problems("p", page)) == [
        f"p:{second}: the claim 'faster' has more than one {what}"
    ]


@pytest.mark.parametrize(
    ("given", "lacking"), [("check", "solution"), ("solution", "check")], ids=str
)
def test_an_exercise_lacks_neither_check_nor_solution(given, lacking):
    page = changed((f"exercises.{lacking}(", "print("))
    line = line_of(f"exercises.{given}(", page)
    expected = f"p:{line}: the exercise 'first' has no exercises.{lacking}('first', ...)"
    assert expected in said(claims.claim_problems("p", page))


def test_an_exercise_without_a_check_is_counted():
    second = ":::{exercise} Another\n:label: ex-second\n\nPlease.\n:::\n\n"
    page = changed(("```{glue:figure}", second + "```{glue:figure}"))
    (problem,) = said(claims.claim_problems("p", page))
    assert problem.startswith("p: 2 exercises, but checks for ['first']")


@pytest.mark.parametrize(
    ("fragment", "message"),
    [("report.end_page(dataset)", "report.end_page"), ("```{run-info}\n```\n", "{run-info}")],
)
def test_a_page_that_does_not_record_its_run_is_found(fragment, message):
    (problem,) = said(claims.claim_problems("p", changed((fragment, "\n"))))
    assert message in problem


def test_a_page_without_code_needs_no_record():
    assert claims.claim_problems("p", HEADER + "# Title\n\nProse.\n") == []


@pytest.mark.parametrize("code", ["%timeit values", "values = ["])
def test_a_cell_that_is_not_python_is_named_with_its_line(problems, code):
    page = changed(("values = [1.0, 2.0, 3.0]", code))
    found = problems(ko=page, en=page)
    column = {"%timeit values": 1, "values = [": 10}[code]
    assert [problem.split(": the code")[0] for problem in found] == [
        f"{where}:{line_of(code, page)}:{column}" for where in (KO, EN)
    ]


def test_what_the_book_closes_is_read_on_no_page_and_what_it_opens_once(problems):
    opening = "x, y = dataset.open_test()"
    page = changed(("values = [1.0,", f"{opening}\n{opening}\nvalues = [len(dataset.x_test),"))
    found = problems(ko=page, en=page)
    second = page[: page.rindex(opening)].count("\n") + 1
    for where in (KO, EN):
        assert any(problem.startswith(f"{where}:{second}: open_test is") for problem in found)
        assert f"{where}:{second + 1}:15: cells do not read .x_test: " in "".join(found)
    assert len(found) == 4


def test_kinds_and_widths_are_looked_at_in_every_language(problems):
    wide = f"values = [{'1.0, ' * 17}]"
    korean = changed(
        ("values = [1.0, 2.0, 3.0]", wide), ("It is faster.", "모든 시드에서 빠릅니다.")
    )
    english = changed(("values = [1.0, 2.0, 3.0]", wide), ("It is faster.", "It is alike."))
    found = problems(ko=korean, en=english)
    assert [problem.split(": ")[0].split(":")[0] for problem in found] == [KO, KO, EN, EN]
    assert ["columns wide" in problem for problem in found] == [False, True] * 2


# Links to the glossary


TERM = ("Prose.", "The {term}`loss` and its {term}`slopes <gradient>`.")


def test_the_same_terms_under_other_words_are_no_problem(problems):
    korean = changed(("Prose.", "{term}`손실 <loss>`과 {term}`기울기 <gradient>`."))
    assert problems(ko=korean, en=changed(TERM)) == []


def test_a_term_linked_in_one_language_only_is_named_with_its_line(problems):
    line = line_of("Prose.", PAGE)
    assert problems(ko=changed(("Prose.", "{term}`손실 <loss>`.")), en=changed(TERM)) == [
        f"{EN}:{line}: {KO} lacks the term 'gradient'"
    ]


def test_a_term_linked_twice_on_a_page_is_named_with_the_second_line():
    page = changed(TERM, ("The caption.", "The {term}`loss`."))
    (problem,) = said(terms.term_problems(EN, page))
    assert problem.startswith(f"{EN}:{line_of('The {term}`loss`.', page)}: ")
    assert "'loss' again" in problem


def test_an_entry_that_no_chapter_links_to_is_named(book):
    entries = (("loss", "손실"), ("gradient", "기울기"), ("dropout", "드롭아웃"))
    lines = [f"- {{en: {en}, ko: {ko}, means: {{en: So., ko: 그것.}}}}\n" for en, ko in entries]
    (book / "glossary.yml").write_text("".join(lines), encoding="utf-8")
    for language in pages.LANGUAGES:
        path = book / language / "one.md"
        path.write_text(path.read_text("utf-8").replace(*TERM), encoding="utf-8")
    (problem,) = said(checks.all_problems(["one", "two"], book))
    assert problem.startswith("book/glossary.yml:3:3: no chapter links to 'dropout'")


# All chapters together


@pytest.fixture
def book(tmp_path):
    for language in pages.LANGUAGES:
        (tmp_path / language).mkdir()
        for name in ("one", "two"):
            page = changed(("{claim} faster", f"{{claim}} {name}"), ('"faster"', f'"{name}"'))
            (tmp_path / language / f"{name}.md").write_text(page, encoding="utf-8")
    return tmp_path


def test_a_page_that_the_table_of_contents_leaves_out_is_named(book):
    assert checks.all_problems(["one", "two"], book) == []
    assert said(checks.all_problems(["one"], book)) == [
        "book/ko/two.md: is not in _toc.yml: add it, or remove the file",
        "book/en/two.md: is not in _toc.yml: add it, or remove the file",
    ]


def test_names_that_differ_in_capital_letters_alone_are_told_apart(book):
    (book / "en" / "two.md").rename(book / "en" / "Two.md")
    problems = checks.all_problems(["one", "two"], book)
    assert said(problems)[0] == (
        "book/en/two.md: is missing: _toc.yml lists 'two', and each language needs it "
        "(there is Two.md: capital letters count)"
    )
    (book / "en" / "Two.md").rename(book / "en" / "two.md")
    for language in pages.LANGUAGES:
        page = (book / language / "two.md").read_text(encoding="utf-8")
        for old, new in (('"two"', '"three"'), ("{claim} two", "{claim} three")):
            page = page.replace(old, new)
        (book / language / "Two.md").write_text(page, encoding="utf-8")
    problems = checks.all_problems(["one", "two", "Two"], book)
    assert "_toc.yml: 2 pages are called 'two' but for capital letters" in said(problems)


def test_two_chapters_do_not_share_a_claim(book):
    for language in pages.LANGUAGES:
        page = (book / language / "one.md").read_text(encoding="utf-8")
        (book / language / "two.md").write_text(page, encoding="utf-8")
    assert said(checks.all_problems(["one", "two"], book)) == [
        "two chapters have the claim 'one': give one of them another name"
    ]


def test_a_chapter_without_pages_does_not_stop_the_other_checks(book):
    found = said(checks.all_problems(["one", "two", "three"], book))
    assert len(found) == 2
    assert all("three.md: is missing" in problem for problem in found)


@pytest.mark.parametrize(
    ("found", "status", "printed"),
    [
        ([], 0, []),
        ([Problem("wrong", "p", 1)], 1, ["p:1: wrong"]),
        (
            [Problem("wrong", "p", 1), Problem("bad", "p", 2)],
            1,
            ["p:1: wrong", "p:2: bad", "2 problems"],
        ),
    ],
)
def test_the_command_prints_every_problem_and_fails_if_there_is_one(
    monkeypatch, capsys, found, status, printed
):
    monkeypatch.setattr(checks, "all_problems", lambda: found)
    assert checks.main() == status
    output = capsys.readouterr()
    assert output.err.splitlines() == printed
    assert ("nothing is wrong" in output.out) == (not found)


# Numbers that somebody typed

TYPED = {
    "정확도는 79.4 %": "79.4 %",
    "정확도는 79퍼센트": "79퍼센트",
    "an accuracy of 0.794": "0.794",
    "기사 8,982개": "8,982",
    "8982 newswires": "8982",
    "40 에포크": "40 에포크",
    "40번째가 아니라 40개의 에포크": "40개의 에포크",
    "for 40 epochs": "40 epoch",
    "for 40 Epochs": "40 Epoch",
    "a 40-epoch training": "40-epoch",
    "12초 걸립니다": "12초",
    "3분": "3분",
    "2배 빠릅니다": "2배",
    "it takes 12 seconds": "12 seconds",
    "3.2 GB of memory": "3.2 GB",
    "900 MiB": "900 MiB",
    "128 유닛": "128 유닛",
    "64 units": "64 unit",
    "46개 주제": "46개 주제",
    "시드 말고 3개 시드": "3개 시드",
    "배치 크기는 512": "배치 크기는 512",
    "a batch size of 512": "batch size of 512",
    "**40** epochs": "40 epoch",
    "[40](page.md) epochs": "40 epoch",
    "[40 epochs]{.other}": "40 epoch",
}


@pytest.mark.parametrize(("prose", "number"), TYPED.items())
def test_a_typed_result_is_refused(prose, number):
    (problem,) = said(typed_results.typed_results("p", prose))
    assert problem.startswith(f"p:1: {number!r} is typed: ")


@pytest.mark.parametrize(
    "prose",
    [
        "{glue:text}`accuracy:.3f` after {glue:text}`epochs` epochs, {glue:text}`n:,.0f` 개",
        "`for 40 epochs` and `0.794`",
        "$\\alpha = 0.794$ and $n = 8982$",
        "$$\nL = 0.794\n$$ (eq-loss)",
        "```{math}\n:label: eq-loss\n\nL = 0.794\n```",
        "```python\nepochs = 40  # 40 epochs\n```",
        "```{code-cell} ipython3\nprint('40 epochs')\n```",
        "[1,000]{.quoted} words, [18.7 %]{.quoted}, [40 epochs]{.quoted}",
        "[**40** epochs]{.quoted}",
        "32비트 실수, 32-bit floats",
        "chapter 3",
        "0, 1, 2",
        "1번 예제, 2장",
        "가중치 0 초기화, 그림 2 배치, 표 3 분석, 20분의 1",
        "{cite:p}`lewis1997reuters`",
        ":::{figure} images/plot-2024.png\n:width: 50%\n:name: fig-2024\nThe caption.\n:::",
        ":::{claim} above-1000\nIt is more.\n:::",
    ],
)
def test_what_is_no_typed_result_is_accepted(prose):
    assert typed_results.typed_results("p", prose) == []


PLACES = {
    "paragraph": "One line,\nanother,\nand {}.",
    "after a hard break": "One line\\\nand {}.",
    "heading": "## About {}",
    "list": "- one\n- two\n  - {}",
    "numbered list": "1. one\n1. {}",
    "table": "| a | b |\n|---|---|\n| c | d |\n| e | {} |",
    "definition": "Term\n: It means {}.",
    "block quotation": "> One line\n> and {}.",
    "caption": "```{{glue:figure}} fig\n:name: fig-one\n:alt: A line.\n\nThe caption:\n{}.\n```",
    "alternative text": "```{{glue:figure}} fig\n:name: fig-one\n:alt: {}\n\nThe caption.\n```",
    "image": "One line\nand ![{}](image.png).",
    "claim": ":::{{claim}} faster\nIt takes\n{}.\n:::",
    "exercise": ":::{{exercise}} Do it\n:label: ex-first\n\nPlease.\n\nFor {}.\n:::",
    "title of an exercise": ":::{{exercise}} For {}\n:label: ex-first\n\nPlease.\n:::",
    "hint": ":::{{dropdown}} Hint\nTake {}.\n:::",
    "title of a note": ":::{{admonition}} For {}\n:class: note\n\nPlease.\n:::",
    "note in a note": (
        ":::::{{admonition}} Title\n:class: note\n\n::::{{note}}\n:class: tip\n\n"
        ":::{{claim}} faster\n\nIt takes {}.\n:::\n::::\n:::::"
    ),
    "figure in a note": (
        "````{{note}}\n\nProse.\n\n```{{glue:figure}} fig\n:alt: {}\n\nThe caption.\n```\n````"
    ),
    "list in a note": ":::{{note}}\n:class: tip\n\n- one\n- {}\n:::",
    "after a note": ":::{{note}}\n:class: tip\n\nProse.\n:::\n\n{}",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", ["40 epochs", "정확도 0.794"])
def test_a_typed_result_is_named_once_with_its_line_wherever_it_stands(place, number):
    page = HEADER + "# Title\n\nProse.\n\n" + PLACES[place].format(number) + "\n\nMore prose.\n"
    (problem,) = typed_results.typed_results("book/ko/p.md", page)
    assert (problem.file, problem.line) == ("book/ko/p.md", line_of(number, page))


def test_every_typed_result_of_a_line_is_named():
    found = said(typed_results.typed_results("p", "\n\nIn 40 epochs 0.79, in 80 epochs\n0.81."))
    assert [problem.split(" is typed")[0] for problem in found] == [
        "p:3: '40 epoch'",
        "p:3: '0.79'",
        "p:3: '80 epoch'",
        "p:4: '0.81'",
    ]


OPTIONS = "```{code-cell} ipython3\n---\ntags: [a\n---\n1\n```\n"


def test_what_a_cell_says_of_itself_and_is_no_yaml_is_named_by_whoever_reads_it(tmp_path):
    text = f"{HEADER}# Title\n\n{OPTIONS}"
    line = text.splitlines().index("```{code-cell} ipython3") + 1
    wanted = "the options of this cell cannot be read: see to its brackets and quotes"
    assert said(reading_problems("page.md", text)) == [f"page.md:{line}: {wanted}"]
    page = SimpleNamespace(source=tmp_path / "page.md", where="page.md")
    page.source.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError, match=f"page.md:{line}: {wanted}"):
        store.read_page(page)


@pytest.mark.parametrize(
    ("options", "line", "got"),
    [
        (":tags: hide-input\n\n", 1, "'hide-input' is not of type 'array'"),
        ("---\ntags: 3\n---\n", 2, "3 is not of type 'array'"),
        (":tags: [a, 1]\n\n", 1, "1 is not of type 'string'"),
    ],
)
def test_tags_that_are_no_list_of_names_are_named(options, line, got):
    text = f"{HEADER}# Title\n\n```{{code-cell}} ipython3\n{options}1\n```\n"
    line += text.splitlines().index("```{code-cell} ipython3") + 1
    wanted = "a code cell has tags that are no list of names, as [hide-input] is"
    assert said(reading_problems("page.md", text)) == [f"page.md:{line}: {wanted}: {got}"]


def test_a_page_that_cannot_be_read_is_named_by_whoever_reads_it(tmp_path):
    page = SimpleNamespace(source=tmp_path / "page.md", where="page.md")
    page.source.write_bytes("가".encode("cp949"))
    with pytest.raises(ProblemError, match=r"page\.md:1:1: byte 0xb0 is no UTF-8"):
        store.read_page(page)
