"""A site with a sentence that is not true: it is built, and whoever reads it anywhere is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup, Tag
from scipy import stats

from bookwright.book import HEADER, LANGUAGES
from bookwright.claims import extension, pool
from bookwright.search import index as search
from bookwright.source import needed
from bookwright.source.facts import facts
from tests.bookwright.conftest import GLOSSARY, TAIL, TERM, measured, ran, write_whole_page
from tests.conftest import ROOT
from tests.helpers import Book, make_book

PROSE = {
    "ko": "두 가지 방법을 재어 보고, 어느 쪽이 언제 더 나은지 여러 시드로 견주어 봅니다.",
    "en": "Two methods are measured here, and compared over several seeds.",
}
SENTENCES = {
    "true": {"ko": "늘 더 낫습니다.", "en": "It is always better."},
    "false": {"ko": "늘 더 빠릅니다.", "en": "It is always faster."},
    "open": {"ko": "더 오래 걸립니다.", "en": "It takes longer."},
    "earlier": {"ko": "더 적게 씁니다.", "en": "It needs less."},
    "weak": {"ko": "더 고릅니다.", "en": "It is steadier."},
    "turned": {"ko": "더 짧습니다.", "en": "It is shorter."},
    "far": {"ko": "더 넓습니다.", "en": "It is wider."},
    "exact": {"ko": "둘은 같습니다.", "en": "Both are equal."},
}
CELL = """```{code-cell} ipython3
:tags: [remove-cell]

from lessons_src import claims, data, report

dataset = data.TextDataset([], [], [], [], {}, (), "directory", {}, DIFFERENCES)
claims.on(dataset)
SEEDS = claims.seeds(3)
claims.effect("true", [0.3, 0.25, 0.4], seeds=SEEDS, of="share")
claims.every_seed("false", VALUES, seeds=SEEDS, above=0.05)
claims.effect("open", [0.5, 0.6, 0.7], seeds=SEEDS, of="share")
claims.equivalence("earlier", [0.0, 0.1, -0.1], seeds=SEEDS, of="share")
claims.effect("weak", [0.2, 0.1, 0.3], seeds=SEEDS, of="share")
claims.effect("turned", [-0.3, -0.2, -0.4], seeds=SEEDS, of="share")
claims.effect("far", [0.9, 0.8, 0.7], seeds=SEEDS, of="share")
claims.identity("exact", [0.0, 0.0], within=0)
report.end_page(dataset)
```
"""
VALUES = "[0.25, 0.125, -0.5]"
# The pools of 20 seeds: mean and standard deviation.
POOLED = {
    "true": (0.3, 0.1),
    "earlier": (0.0, 0.05),
    "weak": (0.07, 0.2),
    "turned": (-0.3, 0.1),
    "far": (0.3, 0.1),
}
# What is decided of each, and why.
DECIDED = {
    "true": (True, None),
    "false": (False, "run"),
    "open": (None, "missing"),
    "earlier": (None, "earlier"),
    "weak": (False, "pool"),
    "turned": (False, "opposite"),
    "far": (False, "outside"),
    "exact": (True, None),
}
FELL = [claim for claim, (held, _) in DECIDED.items() if held is False]
OTHER = '("classes: 52 topics instead of 46",)'
MARKS = {"ko": "이번 실행에서는 성립하지 않았습니다.", "en": "Did not hold in this run."}
OF_POOL = {
    "weak": {
        "ko": "시드 20개의 풀이 이 문장을 뒷받침하지 않습니다.",
        "en": "The pool of 20 seeds does not carry this sentence.",
    },
    "turned": {
        "ko": "시드 20개의 풀에서는 반대로 나타납니다.",
        "en": "The pool of 20 seeds shows the opposite.",
    },
    "far": {
        "ko": "이번 실행은 시드 20개의 풀에서 기대되는 범위를 벗어났습니다.",
        "en": "This run lies outside of what the pool of 20 seeds lets expect.",
    },
}
STILL_OPEN = {
    "open": {"ko": "아직 반복해 측정하지 않았습니다.", "en": "Not yet replicated."},
    "earlier": {
        "ko": "셀의 이전 버전으로 측정했으며, 그 뒤로는 아직 반복해 측정하지 않았습니다.",
        "en": "Measured with an earlier version of these cells, and not yet replicated since.",
    },
}
ON_OTHER_DATA = {"ko": "다른 데이터를 두고 한 말", "en": "about other data than were measured"}
THE_CLAIMS = "test_reading.py::test_every_claim_of_the_site_holds_and_is_in_both_languages"
# The tests of tests/site that ask for nothing but what every page has.
SITE_TESTS = (
    "test_every_page.py",
    "test_markup.py",
    THE_CLAIMS,
    "test_side_by_side.py::test_code_figures_and_claims_stand_once_in_the_same_order",
    "test_side_by_side.py::test_no_paragraph_is_lost_and_none_is_there_twice",
    "test_side_by_side.py::test_each_column_says_which_language_it_is_in",
    "test_side_by_side.py::test_nothing_is_wider_than_the_screen",
    "test_side_by_side.py::test_axe_finds_nothing",
)


class Built(NamedTuple):
    """A built book, and what `make book` said."""

    book: Book
    status: int
    output: str

    def claim(self, page: str, claim: str = "false") -> Tag:
        """What a page shows of a claim."""
        shown = BeautifulSoup(self.book.built(page), "html.parser").find(id=f"claim-{claim}")
        assert isinstance(shown, Tag)
        return shown

    def evidence(self) -> dict[str, dict]:
        """The claims of the site by their id."""
        return {claim["id"]: claim for claim in json.loads(self.book.built("claims.json"))}


def write(book: Book, *, differences: str = "()", ko: str = VALUES, en: str = VALUES) -> None:
    (book.folder / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, values in (("ko", ko), ("en", en)):
        text = f"{HEADER}# Title\n\n{PROSE[language]}\n\n$$\nx^2\n$$\n\n"
        text += f"## Results\n\n{TERM[language]}\n\n"
        for claim, sentence in SENTENCES.items():
            text += f":::{{claim}} {claim}\n{sentence[language]}\n:::\n\n"
        text += CELL.replace("VALUES", values).replace("DIFFERENCES", differences) + TAIL
        book.page(language).write_text(text, encoding="utf-8")


def write_pools(book: Book) -> None:
    """Gives claims of the page a pool, one of them by other code than it has now."""
    cell = facts(book.page("en").read_text(encoding="utf-8")).cells[0]
    codes = needed.claim_hashes([cell.source], book.folder) | {"earlier": "0" * 16}
    of_table = {"of": "share", "value": 0.05, "set": "2026-11-29", "because": None}
    found = []
    for claim, (mean, spread) in POOLED.items():
        values = np.random.default_rng(0).normal(size=20)
        values = mean + spread * (values - values.mean()) / values.std(ddof=1)
        kind = "equivalence" if claim == "earlier" else "effect"
        bound = {"above": 0.05, "below": None}
        if kind == "equivalence":
            bound = {"above": -0.05, "below": 0.05}
        found.append(measured(claim, kind, values, 1000, margin=of_table, bound=bound))
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pool, "FOLDER", book.folder / "book" / "pool")
        pool.add("index", found, codes, ran(1000, 20))


def built(book: Book, *options: str, pooled: bool = False, **changes: str) -> Built:
    write(book, **changes)
    if pooled:
        write_pools(book)
    return Built(book, *book.run("book", "--unchecked", *options))


def site_tests(site: Built, *names: str) -> tuple[int, str]:
    """Runs the project's tests of a site on the one of the book that they are started in."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [*command, *(str(ROOT / "tests" / "site" / name) for name in names)],
        cwd=site.book.folder,
        env=os.environ | {"BOOK_NO_PDF": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def false(tmp_path_factory):
    return built(make_book(tmp_path_factory.mktemp("false")), pooled=True)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    return built(make_book(tmp_path_factory.mktemp("elsewhere")), "--strict", differences=OTHER)


def test_false_claims_fail_no_build_and_are_named_in_its_last_lines(false):
    assert false.status == 0, false.output
    _, claims = false.output.split("index.html\n")
    first, *lines, advice = claims.strip().splitlines()
    assert "Claims that do not hold, and" in first
    assert [line.split()[:2] for line in lines] == [[claim, "(index):"] for claim in FELL]
    run, *of_pool = lines
    assert run.endswith("every value above 0.05, measured 0.25, 0.125, -0.5, seeds 0, 1, 2")
    for line in of_pool:
        assert "expected the mean above 0.05, measured " in line
        assert re.search(r"; the pool of 20 seeds: mean \S+, 95 % interval \S+, \S+, p \S+", line)
    assert "mean -0.3, 95 % interval -0.34" in of_pool[1]
    assert re.search(r"; this run was expected within \S+, \S+$", of_pool[2])
    assert "never the bound" in advice


def test_a_strict_build_fails_on_it_with_the_site_in_place(false):
    shutil.rmtree(false.book.folder / "_build" / "html")
    status, output = false.book.run("book", "--unchecked", "--strict")
    assert status == 1
    assert "Done in" in output
    assert "false (index): expected" in output
    assert false.evidence()["false"]["held"] is False
    assert false.claim("ko/index.html").select_one(".claim-mark")


@pytest.mark.parametrize("page", ["{}/index.html", "{}/both/index.html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_so_before_the_sentence_and_shows_the_values(false, language, page):
    claim = false.claim(page.format(language))
    shown = LANGUAGES if "both" in page else [language]
    text = claim.get_text()
    for name in shown:
        assert text.index(MARKS[name]) < text.index(SENTENCES["false"][name])
        assert ON_OTHER_DATA[name] not in text
    measured = [part.get_text() for part in claim.select(".claim-measured")]
    assert len(measured) == len(shown)
    for value in ("0.25, 0.125, -0.5", "0.05"):
        assert all(value in text for text in measured)
    assert "not-held" in claim["class"]
    if "both" in page:
        link = claim.select_one("a.claim-evidence")
        assert link["href"] == "../index.html#claim-false", "the table is on the page itself"
    else:
        assert claim.select("details.claim-evidence td"), "the table stays"


@pytest.mark.parametrize("claim", OF_POOL)
@pytest.mark.parametrize("page", ["{}/index.html", "{}/both/index.html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_pool_does_not_carry_says_why_before_the_sentence(false, language, page, claim):
    shown = false.claim(page.format(language), claim)
    text = shown.get_text()
    for name in LANGUAGES if "both" in page else [language]:
        assert text.index(OF_POOL[claim][name]) < text.index(SENTENCES[claim][name])
        assert MARKS[name] not in text
    assert "not-held" in shown["class"]
    for each in shown.select(".claim-measured"):
        mean = str(POOLED[claim][0]).replace("-", "\N{MINUS SIGN}")
        assert f": {mean}, " in each.get_text(), "the pool's mean with its interval"


@pytest.mark.parametrize("claim", STILL_OPEN)
@pytest.mark.parametrize("page", ["{}/index.html", "{}/both/index.html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nothing_has_decided_yet_says_so_below_the_sentence(false, language, page, claim):
    shown = false.claim(page.format(language), claim)
    assert "not-decided" in shown["class"]
    assert not shown.select(".claim-mark, .claim-measured")
    names = [language, *(name for name in LANGUAGES if "both" in page and name != language)]
    texts = [part.get_text() for part in shown.select(".claim-open")]
    assert texts == [STILL_OPEN[claim][name] for name in names]
    for name in names:
        sentence = shown.get_text().index(SENTENCES[claim][name])
        assert sentence < shown.get_text().index(STILL_OPEN[claim][name])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_holds_on_the_same_page_is_not_marked(false, language):
    claim = false.claim(f"{language}/index.html", "true")
    assert not {"not-held", "on-other-data"} & set(claim["class"])
    assert not claim.select(".claim-mark, .claim-measured, .claim-open")
    assert "not-decided" not in claim["class"]
    assert MARKS[language] not in claim.get_text()


def test_the_evidence_shows_this_run_the_pool_and_the_rule(false):
    true, still, exact = (
        false.claim("en/index.html", claim).select_one("details.claim-evidence")
        for claim in ("true", "open", "exact")
    )
    rows = {row.th.get_text(): row.td.get_text() for row in true.select("tr")}
    assert rows["Kind"].startswith("effect")
    assert rows["Condition"] == (
        "the mean above 0.05 (the smallest difference in share or probability that matters, "
        "set on 2026-11-29)"
    )
    assert rows["This run"] == "seed 0: 0.3; seed 1: 0.25; seed 2: 0.4"
    assert rows["Mean of this run"] == "0.3167"
    assert rows["Pool"] == "20 fresh seeds (1000–1019)"
    half = stats.t.ppf(0.975, 19) * 0.1 / np.sqrt(20)
    interval = f"95 percent interval {0.3 - half:.4g} to {0.3 + half:.4g}"
    assert rows["Mean of the pool"] == f"0.3, {interval}"
    assert rows["p value, adjusted for all claims of the page"] == "< 0.001"
    assert rows["Replicated"].startswith("2026-02-03; A chip")
    found = re.match(r"(\S+) to (\S+), by 99 percent", rows["Expected of this run"])
    assert float(found[1]) < 0.3167 < float(found[2])
    strip = true.select_one("svg.strip")
    assert strip.select_one("path.pool")["d"].count("M") == 20, "a dot for each seed of the pool"
    assert "above 0.05" in strip["aria-label"]
    assert still.select("svg.strip path")
    assert not still.select("svg.strip path.pool")
    assert not exact.select("svg.strip"), "nothing is spread where there is no chance"
    marks = [details.select_one("summary span").get_text() for details in (true, still, exact)]
    assert marks == ["✓", "○", "✓"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_says_so_in_its_text_and_where_it_was_measured(false, language):
    path = false.book.folder / "_build" / "html" / language / "notebooks" / "index.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    sentence = re.escape(SENTENCES["false"][language])
    assert re.search(rf"> \*\*✗ {MARKS[language]}\*\*\n>\n> \*\*[^*]+:\*\* {sentence}\n", prose)
    assert prose.count(MARKS[language]) == 1
    for claim in OF_POOL:
        assert f"> **✗ {OF_POOL[claim][language]}**" in prose
    for claim, times in {"open": 2, "earlier": 1}.items():  # what fell has no pool either
        still = re.escape(STILL_OPEN[claim][language])
        assert len(re.findall(rf"^> {still}$", prose, re.M)) == times
    outputs = [out for cell in cells if cell.cell_type == "code" for out in cell.outputs]
    printed = "".join(out.text for out in outputs if out.output_type == "stream")
    assert "claim 'false' does not hold in this run" in printed
    assert "0.25, 0.125, -0.5" in printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_finds_the_sentence_with_its_mark(false, language):
    found = search.sections(false.book.built(f"{language}/index.html"), "index")
    (text,) = [part.text for part in found if SENTENCES["false"][language] in part.text]
    assert f"{MARKS[language]} {SENTENCES['false'][language]}" in text
    assert STILL_OPEN["open"][language] not in text, "that is no word of the page's own"


def test_claims_json_says_what_held_and_keeps_the_sentence_alone(false, elsewhere):
    by_the_run_alone = {"false": (False, None), "exact": (True, None)}
    for site, counts in ((false, True), (elsewhere, False)):
        found = site.evidence()
        assert list(found) == list(SENTENCES)
        for claim, decided in DECIDED.items():
            expected = decided if counts else by_the_run_alone.get(claim, (None, None))
            assert (found[claim]["held"], found[claim]["why"]) == expected, claim
            assert found[claim]["sentence"] == SENTENCES[claim]
            assert found[claim]["counts"] is counts


def test_on_other_data_a_false_claim_fails_no_strict_build_and_the_page_says_why(elsewhere):
    assert elsewhere.status == 0, elsewhere.output
    _, claims = elsewhere.output.split("index.html\n")
    assert "do not hold on other data than theirs" in claims
    assert "false (index): expected" in claims
    assert "Claims that do not hold, and" not in claims
    for language in LANGUAGES:
        claim = elsewhere.claim(f"{language}/index.html")
        assert "on-other-data" in claim["class"]
        mark = claim.select_one(".claim-mark").get_text()
        assert mark.startswith(f"✗ {MARKS[language]}")
        assert ON_OTHER_DATA[language] in mark
        others = [elsewhere.claim(f"{language}/index.html", claim) for claim in OF_POOL]
        assert not any(each.select(".claim-mark, .claim-open") for each in others)


def test_the_tests_of_a_site_pass_where_claims_do_not_hold_on_other_data(elsewhere):
    status, output = site_tests(elsewhere, *SITE_TESTS)
    assert status == 0, output
    assert "skipped" not in output


def test_of_the_tests_of_a_site_one_fails_on_a_false_claim_and_shows_its_values(false):
    looks = ("test_nothing_is_wider_than_the_screen", "test_axe_finds_nothing")
    files = ("test_every_page.py", "test_side_by_side.py")
    others = [f"{file}::{look}" for file in files for look in looks]
    status, output = site_tests(false, THE_CLAIMS, *others)
    assert status == 1, output
    assert "1 failed, 6 passed" in output
    assert "false (index): expected every value above 0.05, measured 0.25, 0.125, -0.5" in output
    assert "weak (index): expected the mean above 0.05" in output


def test_the_tests_of_a_site_miss_a_mark_that_is_not_there(false):
    path = false.book.folder / "_build" / "html" / "en" / "index.html"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("claim-mark", "claim-nothing"), encoding="utf-8")
    try:
        status, output = site_tests(false, THE_CLAIMS)
    finally:
        path.write_text(before, encoding="utf-8")
    assert status == 1, output
    assert "AssertionError: false\n" in output


def test_two_runs_that_disagree_are_told_in_one_line(tmp_path):
    site = built(make_book(tmp_path), ko="[0.25, 0.5, 0.75]")
    assert site.status == 1
    assert "'false' has other evidence in ko than in en" in site.output
    assert "Traceback" not in site.output
    assert not (tmp_path / "_build" / "html").exists()


def test_the_sentence_shows_its_evidence_without_a_script(whole):
    for language, word, seed in (("ko", "근거", "시드"), ("en", "evidence", "seed")):
        details = re.search(
            r'<details class="claim-evidence">.*?</details>',
            whole.built(f"{language}/index.html"),
            re.S,
        )
        assert details is not None
        assert word in details[0]
        each = "; ".join(f"{seed} {k}: {value}" for k, value in enumerate(("0.3", "0.25", "0.4")))
        assert f"<td>{each}</td>" in details[0]


def test_a_sentence_that_does_not_fall_has_no_mark(whole):
    for language in ("ko", "en"):
        assert 'class="claim not-decided docutils' in whole.built(f"{language}/index.html")
        assert "claim-mark" not in whole.built(f"{language}/index.html")


def test_claims_json_holds_both_sentences_and_the_evidence(whole):
    (claim,) = json.loads(whole.built("claims.json"))
    assert claim["id"] == "grows"
    assert claim["sentence"] == {"ko": "값은 41.50까지 커집니다.", "en": "It grows to 41.50."}
    assert claim["kind"] == "effect"
    assert claim["values"] == [0.3, 0.25, 0.4]
    assert claim["bound"] == {"above": 0.1, "below": None}
    assert claim["seeds"] == [0, 1, 2]
    assert (claim["held"], claim["why"], claim["pool"]) == (None, "missing", {"state": "missing"})
    assert claim["counts"] is True


def test_the_last_line_says_when_and_with_what_the_page_ran(whole):
    record = json.loads(whole.built("build.json"))
    run = record["pages"]["ko/index"]
    line = re.search(r'<p class="run-info">(.*?)</p>', whole.built("en/index.html"), re.S)
    assert line is not None
    assert run["date"] in line[1]
    assert record["versions"]["tensorflow"] in line[1]
    assert f"{run['peak_memory_bytes'] / 1e9:.2f} GB" in line[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cell": False}, "no cell measures the claim 'grows'"),
        ({"claim": False}, "no sentence is marked {claim} grows"),
        ({"drop": "en"}, "book/en/index.md lacks the claim 'grows'"),
    ],
)
def test_a_claim_without_its_other_half_is_refused(tmp_path, change, message):
    book = make_book(tmp_path)
    write_whole_page(book, **change)
    status, output = book.run("checks")
    assert status == 1
    assert message in output


def test_pages_are_read_again_when_a_pool_decides_their_claims_otherwise(pools, monkeypatch):
    pools.mkdir()
    n_claims = [3]
    monkeypatch.setattr(extension.judge, "n_claims", lambda: n_claims[0])
    env = SimpleNamespace(found_docs={"one", "two", "plain"})

    def outdated() -> list[str]:
        found = extension._decided_otherwise(None, env)
        extension._start(None, env)
        for page in ("one", "two"):  # which have claims, and are read
            env.bookwright_pools[page] = extension._pools(env, page)
        return sorted(found)

    assert outdated() == []
    assert outdated() == []  # neither has a pool, as before
    (pools / "one.json").touch()
    assert outdated() == ["one"]
    os.utime(pools / "one.json", ns=(1, 1))
    assert outdated() == ["one"]
    (pools / "one.json").unlink()
    assert outdated() == ["one"]
    n_claims[0] = 4  # their intervals are for all claims of the book
    assert outdated() == ["one", "two"]
    extension._purge(None, env, "two")
    env.found_docs.remove("one")
    n_claims[0] = 5
    assert extension._decided_otherwise(None, env) == []
