"""What a build does about labs: links that set them, words that are lacking, files by hash."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document

from bookwright.book import HEADER
from bookwright.labs import files
from bookwright.labs.extension import LabBox, Opener
from bookwright.labs.files import Lab
from bookwright.notebooks.markdown import JupyterMarkdown
from bookwright.problems import ProblemError
from tests import helpers_labs
from tests.helpers import make_book

LAB = Lab(
    "one",
    3,
    False,
    [
        {"name": "kind", "choices": ["a", "b"], "start": "a"},
        {"name": "size", "from": 1, "to": 9, "step": 1, "start": 5},
        {"name": "text", "longest": 20, "start": ""},
    ],
    {"ko": {}, "en": {}},
)
DESCRIBED = {
    "version": 1,
    "controls": [{"name": "size", "from": 1, "to": 9, "step": 1, "start": 5}],
    "words": {
        "ko": {"controls": {"size": "크기"}, "one": "하나"},
        "en": {"controls": {"size": "Size"}, "one": "One"},
    },
}


def described(folder, **changed):
    path = folder / "one" / "lab.yml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(DESCRIBED | changed, allow_unicode=True), encoding="utf-8")
    files.lab.cache_clear()
    return folder


def test_a_link_names_lab_version_and_settings():
    assert LAB.query({"kind": "b", "size": "2.5"}) == "?lab=one~3~kind.b~size.2.5"


def test_a_text_in_a_link_has_only_signs_that_no_messenger_changes():
    query = LAB.query({"text": "It's 50% ~ <b>?"})
    assert query == "?lab=one~3~text.It%27s%2050%2525%20%257E%20%3Cb%3E%3F"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"kinds": "a"}, "has no 'kinds': expected one of kind, size, text"),
        ({"kind": "c"}, "kind is one of a, b, got 'c'"),
        ({"size": "10"}, "size is from 1 to 9, got 10"),
        ({"size": "big"}, "could not convert"),
        ({"text": 21 * "a"}, "text has at most 20 signs, got 21"),
    ],
)
def test_a_link_that_sets_what_cannot_be_is_refused(settings, why):
    with pytest.raises(ValueError, match=why):
        LAB.query(settings)


def test_a_description_is_read(tmp_path):
    assert files.names(described(tmp_path)) == ["one"]
    assert files.lab("one", tmp_path).controls == DESCRIBED["controls"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": 0}, "0"),
        ({"controls": [{"name": "size", "start": 1}]}, "expected choices, from and to, or longest"),
        ({"words": {"en": DESCRIBED["words"]["en"]}}, "words lacks ko"),
        (
            {"words": DESCRIBED["words"] | {"ko": {"controls": {"size": "크기"}}}},
            "the words in 'ko' lack one",
        ),
        (
            {"words": DESCRIBED["words"] | {"en": {"controls": {}, "one": "One"}}},
            "the words in 'en' lack controls.size",
        ),
    ],
)
def test_a_description_that_lacks_something_is_refused(tmp_path, changed, why):
    with pytest.raises(ProblemError, match=why):
        files.lab("one", described(tmp_path, **changed))


def test_the_words_of_each_lab_of_this_book_are_there_in_both_languages():
    for name in files.names():
        for language in ("ko", "en"):
            said = json.loads(files.lab(name).about(language))["words"]
            choices = [c for each in files.lab(name).controls for c in each.get("choices", [])]
            assert all(isinstance(said["choices"].get(each, each), str) for each in choices)
            assert said["seed"]


def test_other_words_have_another_address():
    assert files.digest("ko") != files.digest("en")


@pytest.mark.parametrize("site", ["https://example.org/en/", None])
def test_a_notebook_has_the_question_with_links_to_the_site_or_nothing(site):
    link = nodes.reference("", "Small", refuri="a.html?lab=one~3#lab-one", internal=True)
    item = nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(": it fades.")))
    title = nodes.title("", "Lab: Why?")
    box = LabBox("", title, nodes.bullet_list("", item), Opener(), ids=["lab-one"])
    document = new_document("a")
    document += box
    writer = JupyterMarkdown(
        lambda address: site and site + address, lambda *_: "", lambda _: None, {}
    )
    linked = "- [Small](https://example.org/en/a.html?lab=one~3#lab-one): it fades."
    expected = f"> **Lab: Why?**\n>\n> {linked}" if site else ""
    assert writer.block(box) == expected


WRONG = {
    ":::{lab} two\nA question?\n:::\n": "'two', and no lab (initialization, plane, review)",
    ":::{lab} plane\n:::\n": "has no question",
    ":::{lab} review\nA question?\n:::\n": "needs report.glue(review=...)",
    "{lab}`words <plane l1=7>`\n": "l1 is one of 0,",
    "{lab}`words`\n": "write {lab}`words <NAME control=value ...>`",
}


def test_what_a_page_asks_of_a_lab_that_cannot_be_stops_the_build(tmp_path):
    text = f"{HEADER}# Title\n\n" + "\n".join(WRONG)
    book = make_book(tmp_path, {"index": dict.fromkeys(("ko", "en"), text)})
    shutil.copytree(helpers_labs.LABS, tmp_path / "book" / "labs")
    status, said = book.run("book", "--unchecked")
    assert status == 1
    for why in WRONG.values():
        assert why in said
