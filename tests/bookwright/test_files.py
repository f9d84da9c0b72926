"""What is wrong with the files that people write is told with its line and column."""

from __future__ import annotations

import unicodedata

import pytest

from bookwright import files
from bookwright.problems import ProblemError
from tests.helpers import said

EMPTY = "f: is empty: restore it from git, or write something into it"
NO_TEXT = "f:1:3: byte 0x{} is no UTF-8: save the file as UTF-8"


def refused(read, *given) -> list[str]:
    """What is said of something that cannot be read."""
    with pytest.raises(ProblemError) as caught:
        read(*given)
    found = said(caught.value.problems)
    assert not any("\n" in each for each in found)
    return found


# Bytes


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("\ufeff# T".encode(), "f:1:1: begins with a byte-order mark: save the file as UTF-8 with"),
        ("\ufeff# 제목".encode("utf-16-le"), "f:1:1: is UTF-16: save the file as UTF-8"),
        ("\ufeff# 제목".encode("utf-16-be"), "f:1:1: is UTF-16: save the file as UTF-8"),
        ("# 제목\n".encode("cp949"), f"{NO_TEXT.format('c1')} (now it looks like cp949, Korean)"),
        ("# été".encode("cp1252"), f"{NO_TEXT.format('e9')} (now it looks like cp1252, Western E"),
        (b"# \x81\x8d\x8f\x90\x9d", NO_TEXT.format("81")),
        ("# 제목\n한글 ".encode() + b"\xff", "f:2:4: byte 0xff is no UTF-8"),
        ("# 제목".encode()[:-1], "f:1:4: byte 0xeb is no UTF-8"),
        (b"", EMPTY),
        (b" \t\r\n\n", EMPTY),
        (b"\0\0\0", EMPTY),
    ],
)
def test_bytes_that_are_no_text_are_named_with_their_place(data, problem):
    (found,) = refused(files.decoded, data, "f")
    assert found.startswith(problem)


def test_an_encoding_is_guessed_only_where_its_letters_are_there():
    (found,) = refused(files.decoded, b"# \x81\x8d\x8f\x90\x9d", "f")
    assert "looks like" not in found
    (found,) = refused(files.decoded, "# été".encode("cp1252"), "f")
    assert "Korean" not in found


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_end_as_each_system_ends_them(ends):
    assert files.decoded(f"한글{ends}éa{ends}".encode(), "f") == "한글\néa\n"


def test_a_file_that_is_not_there_or_cannot_be_read_is_named_as_problems_name_it(tmp_path):
    assert refused(files.read_text, tmp_path / "f", "book/f") == ["book/f: is missing"]
    (found,) = refused(files.read_text, tmp_path, "book/f")
    assert found.startswith("book/f: cannot be read: ")
    (tmp_path / "f").write_bytes("한글".encode())
    assert files.read_text(tmp_path / "f", "book/f") == "한글"


def test_a_file_is_called_by_its_path_in_the_book(tmp_path):
    assert files.name_of(tmp_path / "book" / "en" / "a.md", tmp_path) == "book/en/a.md"
    assert files.name_of(tmp_path / "a.md", tmp_path / "book") == (tmp_path / "a.md").as_posix()


# Signs


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        ("\u200b", "U+200B (ZERO WIDTH SPACE)"),
        ("\u202e", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("\u2066", "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
        ("\u00ad", "U+00AD (SOFT HYPHEN)"),
        ("\ufeff", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
        ("\u2028", "U+2028 (LINE SEPARATOR)"),
        ("\u3164", "U+3164 (HANGUL FILLER)"),
        ("\x07", "U+0007 (without a name)"),
        ("\ue000", "U+E000 (without a name)"),
    ],
)
def test_a_sign_that_nobody_sees_is_named_with_its_place(sign, name):
    assert said(files.sign_problems("f", f"One.\n한글{sign}이다.")) == [
        f"f:2:3: an invisible sign, {name}: delete it"
    ]
    assert said(files.sign_problems("f", f"ab{sign}c{sign}")) == [
        f"f:1:{column}: an invisible sign, {name}: delete it" for column in (3, 5)
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("One.\n한글 신경망의 기울기", "f:2:1: '한글' is written in decomposed letters: "),
        ("학습률 \u1100\u1161 나", "f:1:5: '가' is written in decomposed letters: "),
        ("au cafe\u0301, the\u0301", "f:1:7: 'é,' is written in decomposed letters: "),
    ],
)
def test_decomposed_letters_are_named_once_a_line_with_the_first_word(text, problem):
    if "한글" in text:
        text = unicodedata.normalize("NFD", text)
    (found,) = said(files.sign_problems("f", text))
    assert found == f"{problem}type it anew, or compose it (NFC)"


def test_what_people_write_is_no_problem():
    text = "한글과 Ελληνικά, “quotes” – naïve\n\tindented\u00a0blank\n$\\alpha$ ≤ ∑ ㅋㅋ ❤️ 日本語\n"
    assert said(files.sign_problems("f", text)) == []


# YAML


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b: c\n", "f:1:5: is not YAML: mapping values are not allowed here: put a text with a"),
        ("a: 'b\n", "f:2:1: is not YAML: while scanning a quoted scalar found unexpected end"),
        ("a:\n  - b\n c: d", "f:3:2: is not YAML: "),
        ("a: [b\nc: d\n", "f:2:2: is not YAML: while parsing a flow sequence expected ',' or ']'"),
        (
            "a:\n\tb: c",
            "f:2:1: is not YAML: while scanning for the next token found character '\\t",
        ),
        ("a: @b", "f:1:4: is not YAML: while scanning for the next token found character '@'"),
        ("a: b\nc: d\x07", "f:2:5: U+0007 may not stand in YAML: delete it"),
        ("a: b\n---\nc: d", "f:2:1: is not YAML: expected a single document in the stream but"),
        ("a: 2026-13-45", "f:1: is not YAML: month must be in 1..12"),
        ("a: !!python/name:os.system b", "f:1:4: is not YAML: could not determine a constructor"),
        ("a: &b [*b]", "f:1: is not YAML: "),
        ("a: 1\nb: 2\na: 3", "f:3:1: 'a' is there already, in line 1: keep one"),
        ("a:\n  - b: 1\n    b: 2", "f:3:5: 'b' is there already, in line 2: keep one"),
        ("{a: 1, a: 2}", "f:1:8: 'a' is there already, in line 1: keep one"),
        ("a: {{ name }}", "f:1:5: expected a name, and here are braces or a list: put a"),
        ("? [a, b]\n: c", "f:1:3: expected a name, and here are braces or a list: put a text"),
    ],
)
def test_what_is_no_yaml_is_named_with_its_place_and_what_to_do(text, problem):
    (found,) = refused(files.yaml_document, text, "f")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("a: b: c\n", ": put a text with a colon into quotes, and see to the indentation"),
        ("a: 'b\n", ": a quotation mark is not closed"),
        ("b: 1\na: [b,\nc\nd: e\n", ": see to the bracket that opens in line 2"),
        ("a:\n  - b\n c: d", ": see to the indentation"),
        ("a:\n\tb: c", ": indent with blanks, and put a text that begins with a sign into quotes"),
    ],
)
def test_the_usual_slips_in_yaml_come_with_advice(text, advice):
    (found,) = refused(files.yaml_document, text, "f")
    assert found.endswith(advice)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b: c", "f:12:5: is not YAML: "),
        ("b: 1\na: 1\na: 2", "f:14:1: 'a' is there already, in line 13: keep one"),
        ("a: [b\nc: d", "f:13:2: is not YAML: "),
        ("b: 1\na: \x07", "f:13:4: U+0007 "),
        ("a: 2026-13-45", "f:12: is not YAML: "),
    ],
)
def test_lines_are_those_of_the_file_in_which_the_yaml_stands(text, problem):
    (found,) = refused(files.yaml_document, text, "f", 12)
    assert found.startswith(problem)
    if "[" in text:
        assert found.endswith(" in line 12")


def test_every_part_of_a_document_knows_its_place():
    document = files.yaml_document("# One.\na:\n  - b\n  - c: d\n", "f")
    assert document.data == {"a": ["b", {"c": "d"}]}
    places = {
        (): "f:2:1",
        ("a",): "f:3:3",
        ("a", None): "f:2:1",
        ("a", 1): "f:4:5",
        ("a", 1, "c"): "f:4:8",
        ("a", 1, "c", None): "f:4:5",
        ("a", 1, "x", "y"): "f:4:5",  # of what is not there, that of the nearest part
        ("x",): "f:2:1",
    }
    for path, place in places.items():
        assert document.problem("wrong", path).place == place


# Schemas

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "a name"},
        "size": {"type": "integer"},
        "words": {
            "type": "array",
            "description": "a list of words",
            "items": {"type": "string", "format": "regex", "description": "a regular expression"},
        },
        "nested": {"type": "object", "additionalProperties": False, "properties": {"depth": {}}},
    },
}


def held(tmp_path, text, suffix="yml", schema=SCHEMA, **options):
    path = tmp_path / f"f.{suffix}"
    path.write_text(text, encoding="utf-8")
    read = files.read_yaml if suffix == "yml" else files.read_json
    return read(path, "f", schema, **options)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: [a]", "f:1:7: name: expected a name, got ['a']"),
        ("size: 1\nname: 2", "f:2:7: name: expected a name, got 2"),
        ("name: a\nsize: big", "f:2:7: size: 'big' is not of type 'integer'"),
        ("size: 1", "f:1:1: the file lacks `name: ...`"),
        ("# One.\n\nsize: 1", "f:3:1: the file lacks `name: ...`"),
        ("name: a\nsizw: 1", "f:2:1: the file has no setting 'sizw': did you mean 'size'?"),
        ("name: a\nx: 1", "f:2:1: the file has no setting 'x': expected one of name, nested"),
        ("name: a\n1: 1", "f:2:1: the file has no setting '1': expected one of name, nested"),
        ("name: a\nnested:\n  dept: 1", "f:3:3: nested has no setting 'dept': did you mean 'dept"),
        ("name: a\nwords:\n  - b\n  - 3", "f:4:5: words.1: expected a regular expression, got 3"),
        ("name: a\nwords: ['b', '(']", "f:2:14: words.1: expected a regular expression, got '('"),
        ("name: a\nwords: b", "f:2:8: words: expected a list of words, got 'b'"),
        ("- a", "f:1:1: the file: ['a'] is not of type 'object'"),
        ("# Nothing.", "f:1:1: the file: None is not of type 'object'"),
        ("", EMPTY),
    ],
)
def test_what_does_not_fit_is_named_with_its_place_and_what_was_expected(tmp_path, text, problem):
    (found,) = refused(held, tmp_path, text)
    assert found.startswith(problem)


def test_all_that_does_not_fit_is_named_at_once(tmp_path):
    assert refused(held, tmp_path, "size: big\nsizw: 1\nnested: {x: 1, y: 2}") == [
        "f:2:1: the file has no setting 'sizw': did you mean 'size'?",
        "f:1:1: the file lacks `name: ...`",
        "f:3:10: nested has no setting 'x': expected one of depth",
        "f:3:16: nested has no setting 'y': expected one of depth",
        "f:1:7: size: 'big' is not of type 'integer'",
    ]


def test_what_fits_is_given_back_as_it_was_written(tmp_path):
    assert held(tmp_path, "name: a\nwords: ['\\d+']\n").data == {"name": "a", "words": ["\\d+"]}
    anything = {"type": "object"}
    assert held(tmp_path, "1: a\nno: b\n", schema=anything).data == {1: "a", False: "b"}


def test_a_file_that_need_not_be_there_may_hold_nothing_but_comments(tmp_path):
    options = {"nothing": {"name": "by default"}}
    assert files.read_yaml(tmp_path / "none", "f", SCHEMA, **options).data == options["nothing"]
    assert held(tmp_path, "# Nothing.\n", **options).data == options["nothing"]
    assert refused(files.read_yaml, tmp_path / "none", "f", SCHEMA) == ["f: is missing"]
    assert refused(held, tmp_path, "size: 1") == ["f:1:1: the file lacks `name: ...`"]


def test_an_entry_of_a_list_goes_by_its_title_and_its_line(tmp_path):
    schema = {"type": "array", "items": SCHEMA | {"title": "the entry"}}
    assert refused(lambda: held(tmp_path, "- name: a\n- size: x\n", schema=schema)) == [
        "f:2:3: the entry lacks `name: ...`",
        "f:2:9: size: 'x' is not of type 'integer'",
    ]


# JSON

RESTORE = "restore it from git"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"name": }', "f:1:10: is not JSON: Expecting value"),
        ('{"name": "a",\n}', "f:2:1: is not JSON: Expecting property name"),
        ("<<<<<<< HEAD\n{}", "f:1:1: is not JSON: Expecting value"),
        ('{\n"name": "a",\n\t"size": "big"}', "f:3:10: size: 'big' is not of type 'integer'"),
        ('{"size": 1}', "f:1:1: the file lacks `name: ...`"),
        ('{\n "name": "a",\n "sizw": 1\n}', "f:3:2: the file has no setting 'sizw': did you mean"),
        ('{\n "name": "a",\n\t"name": "b"\n}', "f:3:2: 'name' is there already, in line 2: keep o"),
        ("[]", "f:1:1: the file: [] is not of type 'object'"),
        ("[" * 100_000, "f: is not JSON that anybody wrote: too deep"),
    ],
)
def test_json_is_held_to_its_schema_too_and_comes_with_what_to_do(tmp_path, text, problem):
    (found,) = refused(lambda: held(tmp_path, text, "json", advice=RESTORE))
    assert found.startswith(problem)
    assert found.endswith(f": {RESTORE}")
    (found,) = refused(held, tmp_path, text, "json")
    assert RESTORE not in found


def test_json_that_fits_is_what_it_holds(tmp_path):
    assert held(tmp_path, '{"name": "\\u00e9 \\ud55c"}', "json") == {"name": "é 한"}
    assert refused(lambda: held(tmp_path, "", "json", advice=RESTORE)) == [EMPTY]


def test_a_conflict_of_gits_is_named_with_its_line():
    with pytest.raises(ProblemError) as caught:
        files.decoded(b"a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n", "x.yml")
    wanted = "a conflict of git's begins here: keep one of its sides, and remove the marks"
    assert said(caught.value.problems) == [f"x.yml:2: {wanted}"]
    assert files.decoded(b"<<<<<<< HEAD\nTitle\n=======\n", "x.md")
