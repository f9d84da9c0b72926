"""Which pages of two built sites differ, as a reader sees it."""

from __future__ import annotations

import pytest

from bookwright.site import changed

PAGE = """<html><body><article><section id="top"><h1>Title</h1><p>{intro}</p>
<section id="a"><h2>First | part</h2><p>{text}</p><div class="cell_output">{output}</div></section>
{more}<p class="run-info">{run}</p></section></article></body></html>"""


FIELDS = {"intro": "I.", "text": "One.", "output": "0.5", "more": "", "run": "1 s"}


def a_site(folder, **pages_):
    for language in ("ko", "en"):
        (folder / language).mkdir(parents=True)
        for name, fields in pages_.items():
            page = PAGE.format(**FIELDS | fields)
            (folder / language / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"run": "2 s, on another day"}, []),
        ({"output": "0.6"}, ["results only"]),
        ({"text": "Two."}, ["First | part"]),
        ({"intro": "J.", "text": "Two.", "output": "0.6"}, ["Title", "First | part"]),
        ({"more": '<section id="b"><h2>New</h2><p>N.</p></section>'}, ["New"]),
    ],
)
def test_a_page_changed_where_a_reader_sees_it(change, expected):
    old, new = PAGE.format(**FIELDS), PAGE.format(**FIELDS | change)
    assert changed.page_changes(old, new, "page") == expected
    if "more" in change:
        assert changed.page_changes(new, old, "page") == ["removed: New"]


def test_a_chapter_that_only_got_another_number_has_not_changed():
    number = '<h2><span class="section-number">{}.1. </span>F'
    old, new = (PAGE.replace("<h2>F", number.format(n)).format(**FIELDS) for n in (3, 4))
    assert old != new
    assert changed.page_changes(old, new, "page") == []


def test_a_page_with_many_changes_names_the_first_ones():
    table = changed.markdown({"page": {"ko": [f"절 {k}" for k in range(12)]}})
    assert table.endswith("절 6; 절 7; 4 more | – |\n")


def test_the_list_names_changed_new_and_removed_pages_in_both_languages(tmp_path, monkeypatch):
    old = a_site(tmp_path / "old", same={}, gone={}, other={})
    new = a_site(tmp_path / "new", same={"run": "9 s"}, fresh={}, other={})
    path = new / "ko" / "other.html"
    path.write_text(path.read_text().replace("One.", "하나."), encoding="utf-8")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert changed.main([str(old), str(new)]) == 0
    rows = [line for line in summary.read_text("utf-8").splitlines() if line.startswith("| ")][2:]
    assert rows == [
        "| fresh | new page | new page |",
        r"| other | First \| part | – |",
        "| gone | page removed | page removed |",
    ]


def test_what_is_no_site_is_named(tmp_path, capsys):
    site = a_site(tmp_path / "site", page={})
    assert changed.main([str(tmp_path / "nothing"), str(site)]) == 1
    assert "nothing is no built site" in capsys.readouterr().err
