"""The page of measurements: its tables and numbers follow from the results alone."""

from __future__ import annotations

import io
import json
import re

import measured_numbers
import measured_tables
import pytest
from measured_reasons import REASONS
from measured_words import MEASURED_WORDS
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from benchmarks import chapters, results, today
from bookwright import book
from bookwright.book import LANGUAGES


def run(times=1.0, **numbers):
    found = {"wall": 10.0, "cpu": 8.0, "memory": 1e9, "epoch": 1.0, "epoch_cpu": 0.5, "batch": 0.01}
    return {name: value * times for name, value in found.items()} | numbers


def losses(seed):
    shift = 0.01 * seed
    return {
        "losses": [2.13 + shift],
        "val_losses": [1.4 + shift if seed < 9 else 0],
        "progress_bar": 0.57,
    }


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Results in which the sources' way takes four times as much of everything."""
    points = {}
    for name, module in (("chapters", chapters), ("today", today)):
        cases = {}
        for case in module.cases():
            sides = list(case.sides)
            runs = {
                side: [run(1.0 if side == "book" else 4.0, **losses(seed)) for seed in range(5)]
                for side in sides
            }
            cases[case.name] = {"of": case.of(), "sides": sides, "runs": runs}
            if case.goals:
                cases[case.name]["goals"] = dict(case.goals)
        points[name] = {"machine": results.machine(), "cases": cases}
    file = tmp_path / "results.json"
    monkeypatch.setattr(results, "RESULTS", file)
    file.write_text(json.dumps(points))
    return points


def test_a_ratio_is_the_books_part_of_the_other_side(found):
    assert measured_numbers.said(["chapters", "ratio", "imdb", "sources", "memory"], {}) == "0.25"
    assert measured_numbers.said(["chapters", "times", "imdb", "sources", "memory"], {}) == "4.0"
    assert (
        measured_numbers.said(["today", "value", "rnn", "jax", "memory"], {})
        == "4.00\N{NO-BREAK SPACE}GB"
    )
    assert measured_numbers.said(["constant", "runs"], {}) == "5"


@pytest.mark.parametrize("language", LANGUAGES)
def test_goals_are_judged_by_the_median(found, language):
    words = MEASURED_WORDS[language]
    judged = {
        (name, number): measured_numbers.said(["chapters", "goal", name, number], words)
        for name, goals in chapters.GOALS.items()
        for number in goals
    }
    # A quarter is more than 0.15 and 0.1, and less than the others.
    assert {goal for goal, word in judged.items() if word == words["missed"]} == {
        ("imdb", "memory"),
        ("rnn", "memory"),
        ("rnn-whole", "memory"),
    }
    assert words["met"] != words["missed"]


def build(folder, language):
    tables = "".join(f".. measured-table:: {name}\n\n" for name in ("chapters", "today", "printed"))
    text = f"Measured\n========\n\n{tables}\nGB: :measured:`chapters ratio nothing sources wall`.\n"
    (folder / "index.rst").write_text(text)
    said, warned = io.StringIO(), io.StringIO()
    with docutils_namespace():
        app = Sphinx(
            *(folder, None, folder / "html", folder / "trees", "html"),
            confoverrides={"extensions": ["measured_tables"], "language": language},
            status=said,
            warning=warned,
        )
        app.build()
    return (folder / "html" / "index.html").read_text("utf-8"), said.getvalue(), warned.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_which_results_are_of_other_code(found, language, tmp_path):
    note = MEASURED_WORDS[language]["stale"]
    html, said, warned = build(tmp_path, language)
    assert note not in html
    assert "note:" not in said
    assert "nothing measured is called 'chapters ratio nothing sources wall'" in warned
    # A table for each network that the two points train, and for each of which a source prints.
    n_printed = len({name for name, _ in chapters.PRINTED})
    assert html.count("<table") == len(chapters.GOALS) + len(today.cases()) + n_printed
    found["today"]["cases"]["rnn"]["of"] = "other code"
    results.RESULTS.write_text(json.dumps(found))
    html, said, _ = build(tmp_path, language)
    assert html.count(note) == 1
    assert "note: today: measured with other code: rnn" in said


def test_each_side_and_case_has_its_words_in_both_languages(found):
    for language in LANGUAGES:
        words = MEASURED_WORDS[language]
        for lines_of, point, widths in measured_tables._TABLES.values():
            tables = lines_of(found[point]["cases"], words)
            assert {len(line) for lines in tables.values() for line in lines} == {len(widths)}
    assert MEASURED_WORDS["ko"].keys() == MEASURED_WORDS["en"].keys()


@pytest.mark.parametrize("point", ["chapters", "today"])
def test_what_the_committed_results_show_against_us_has_its_reason_in_both_languages(point):
    shown = measured_numbers.exceptions(point, MEASURED_WORDS["en"])
    missing = [
        f"{' '.join(key)} ({what})"
        for key, what in shown.items()
        if not all(REASONS.get(key, {}).get(language) for language in LANGUAGES)
    ]
    assert missing == [], "find out why, and write it into book/_ext/measured_reasons.py"


def test_a_goal_is_missed_above_its_bound_and_a_tool_is_faster_if_it_is_so_in_each_turn(found):
    words = MEASURED_WORDS["en"]
    assert {key[1:] for key in measured_numbers.exceptions("chapters", words)} == {
        ("imdb", "sources", "memory"),
        ("rnn", "sources", "memory"),
        ("rnn-whole", "sources", "memory"),
    }
    assert measured_numbers.exceptions("today", words) == {}
    runs = found["today"]["cases"]["rnn"]["runs"]["jax"]
    for number, one in enumerate(runs):
        one.update(cpu=1.0, epoch_cpu=0.1 if number else 0.9)
    results.RESULTS.write_text(json.dumps(found))
    assert set(measured_numbers.exceptions("today", words)) == {("today", "rnn", "jax", "cpu")}


def test_what_is_not_measured_yet_is_not_made_up(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    asked = ["chapters", "ratio", "imdb", "sources", "memory"]
    assert measured_numbers.said(asked, MEASURED_WORDS["en"]) == "–"
    assert measured_numbers.said(["chapters", "machine"], MEASURED_WORDS["en"]) == "–"
    with pytest.raises(KeyError):
        measured_numbers.said(["chapters", "ratio", "nothing", "sources", "memory"], {})
    html, _, _ = build(tmp_path, "en")
    assert html.count(MEASURED_WORDS["en"]["not_measured"]) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_in_the_prose_of_the_page_is_known(language):
    text = book.Page(language, "measured").source.read_text(encoding="utf-8")
    asked = re.findall(r"\{measured\}`([^`]+)`", text)
    assert len(asked) > 3
    for one in asked:
        assert measured_numbers.said(one.split(), MEASURED_WORDS[language])
