"""Which sections are newer in one language: on small repositories, and in the built page."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookwright import book
from bookwright.book import HEADER
from bookwright.notebooks.markdown import JupyterMarkdown
from bookwright.publication import Publication
from bookwright.source.facts import facts
from bookwright.translation import history, lag, report, sections
from bookwright.translation.extension import NewerNote

CELL = "```{code-cell} ipython3\nx = 1  # one\n```\n"
KO = {
    "제목": "첫 문장입니다. 둘째 문장입니다.",
    "방법": "이렇게 합니다. 이유도 있습니다.",
    "끝": "다 했습니다.",
}
EN = {
    "Title": "The first sentence. The second one.",
    "Method": "This is how. There are reasons.",
    "End": "That is all.",
}
PLACE = "https://github.com/someone/lessons"


def page(prose: dict[str, str], *, cell: str = CELL) -> str:
    parts = [
        f"{'#' if number == 0 else '##'} {heading}\n\n{text}\n"
        for number, (heading, text) in enumerate(prose.items())
    ]
    return HEADER + "\n".join([*parts, cell])


class Repository:
    """A folder under git with one page in both languages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.write(ko=page(KO), en=page(EN))

    def git(self, *arguments: str) -> str:
        # Nothing of the machine's own settings, nor of a hook that runs these tests.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", "-C", str(self.folder), *who, *arguments],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def write(self, **texts: str) -> None:
        for language, text in texts.items():
            path = self.folder / "book" / language / "index.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, message: str = "Change", **texts: str) -> str:
        self.write(**texts)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def newer(self) -> list[tuple[int, str]]:
        """Number of each section that is newer in one language, and which."""
        return [(x.number, x.language) for x in lag.newer_sections(self.folder, ["index"])]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.commit("Both pages")
    return made


def changed(prose: dict[str, str], heading: str, text: str) -> dict[str, str]:
    assert heading in prose
    return prose | {heading: text}


KO_2 = changed(KO, "방법", "이렇게 하지 않습니다. 이유도 있습니다.")
EN_2 = changed(EN, "Method", "This is not how. There are reasons.")


# What counts


def test_pages_that_were_committed_together_are_in_step(repository):
    assert repository.newer() == []


def test_a_section_that_one_commit_changed_in_one_language_is_newer_there(repository):
    before = repository.git("rev-parse", "HEAD")
    commit = repository.commit(ko=page(KO_2))
    (found,) = lag.newer_sections(repository.folder, ["index"])
    assert (found.number, found.language, found.other) == (1, "ko", "en")
    assert found.headings == {"ko": "방법", "en": "Method"}
    assert (found.before, found.commit) == (before, commit)
    assert found.date == repository.git("log", "-1", "--format=%cs")
    lines = page(EN).splitlines()
    assert lines[found.lines["en"] - 1] == "## Method"


def test_a_commit_that_changes_the_section_in_both_languages_leaves_them_in_step(repository):
    repository.commit(ko=page(KO_2), en=page(EN_2))
    assert repository.newer() == []


@pytest.mark.parametrize("first", ["ko", "en"])
def test_the_next_change_of_the_other_language_is_its_translation(repository, first):
    texts = {"ko": page(KO_2), "en": page(EN_2)}
    repository.commit(**{first: texts[first]})
    assert repository.newer() == [(1, first)]
    (second,) = texts.keys() - {first}
    repository.commit(**{second: texts[second]})
    assert repository.newer() == []
    repository.commit(**{second: texts[second].replace("reasons", "more").replace("이유", "더")})
    assert repository.newer() == [(1, second)]


def test_several_changes_of_one_language_are_one_difference(repository):
    before = repository.git("rev-parse", "HEAD")
    repository.commit(ko=page(KO_2))
    last = repository.commit(ko=page(changed(KO_2, "방법", "이제 다릅니다.")))
    repository.commit(ko=page(changed(KO_2, "방법", "이제 다릅니다."), cell=CELL + "\n" + CELL))
    (found,) = lag.newer_sections(repository.folder, ["index"])
    assert (found.before, found.commit) == (before, last)


def test_a_change_that_was_taken_back_needs_no_translation(repository):
    repository.commit(ko=page(KO_2))
    repository.commit(ko=page(KO))
    assert repository.newer() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("이렇게 합니다. [이유](a.md)도", "이렇게\n합니다.\n[이유](a.md)도"),
        ("이렇게 합니다.", "**이렇게** 합니다."),
        ("[이유](a.md)", "[이유](b.md)"),
        ("## 방법", "(label)=\n## 방법"),
        ("# one", "# two"),
        ("x = 1", "x = 1\ny = 2"),
        ("## 끝", "% a comment\n\n## 끝"),
    ],
)
def test_a_change_of_no_word_is_no_change(repository, old, new):
    korean = page(changed(KO, "방법", "이렇게 합니다. [이유](a.md)도 있습니다."))
    repository.commit(ko=korean, en=page(EN_2))
    assert old in korean
    repository.commit(ko=korean.replace(old, new))
    assert repository.newer() == []


def test_an_alternative_text_is_prose_and_other_options_are_not(repository):
    figure = "\n```{glue:figure} fig_a\n:name: fig-a\n:alt: A line.\n\nCaption.\n```\n"
    repository.commit(ko=page(KO) + figure, en=page(EN) + figure)
    repository.commit(en=page(EN) + figure.replace(":name: fig-a", ":name: fig-b"))
    assert repository.newer() == []
    repository.commit(en=page(EN) + figure.replace("A line.", "A rising line."))
    assert repository.newer() == [(2, "en")]


# A commit that changed both pages


def test_beside_a_common_change_better_wording_of_one_language_is_not_counted(repository):
    korean = changed(KO_2, "끝", "모두 마쳤습니다.")
    repository.commit(ko=page(korean), en=page(EN_2))
    assert repository.newer() == []


def test_beside_a_common_change_a_sentence_more_in_one_language_is_counted(repository):
    korean = changed(KO_2, "끝", "다 했습니다. 하나 더 있습니다.")
    repository.commit(ko=page(korean), en=page(EN_2))
    assert repository.newer() == [(2, "ko")]


def test_common_code_does_not_make_a_common_change_of_prose(repository):
    cell = CELL.replace("x = 1", "x = 2")
    repository.commit(ko=page(KO_2, cell=cell), en=page(EN, cell=cell))
    assert repository.newer() == [(1, "ko")]


# Headings that come, go and change their names


def inserted(prose: dict[str, str], heading: str) -> dict[str, str]:
    (title, first), *rest = prose.items()
    return {title: first, heading: f"{heading}.", **dict(rest)}


def test_a_section_that_both_languages_get_shifts_the_others_and_changes_none(repository):
    repository.commit(ko=page(KO_2))
    repository.commit(ko=page(inserted(KO_2, "새로")), en=page(inserted(EN, "New")))
    assert repository.newer() == [(2, "ko")]


def test_a_section_that_came_in_one_language_first_is_newer_there_until_the_other_follows(
    repository,
):
    repository.commit(ko=page(inserted(KO, "새로")))
    with pytest.raises(ValueError, match=r"index\.md has 4 and book/en/index\.md has 3"):
        repository.newer()
    repository.commit(en=page(inserted(EN, "New")))
    assert repository.newer() == []
    repository.commit(en=page(inserted(EN, "New") | {"New": "Something else."}))
    assert repository.newer() == [(1, "en")]


def test_a_heading_with_another_name_is_a_change_of_its_section_alone(repository):
    english = {("Way" if heading == "Method" else heading): text for heading, text in EN.items()}
    repository.commit(en=page(english))
    assert repository.newer() == [(1, "en")]


def test_a_section_that_went_in_both_languages_is_forgotten(repository):
    repository.commit(ko=page(KO_2))
    for prose, heading in ((KO, "방법"), (EN, "Method")):
        prose = {name: text for name, text in prose.items() if name != heading}
        repository.write(**{"ko" if prose.keys() & KO.keys() else "en": page(prose)})
    repository.commit()
    assert repository.newer() == []


# What the authors say


def test_a_change_whose_author_says_that_it_needs_no_translation_is_not_counted(repository):
    repository.commit("Typo\n\nTranslation: not needed", ko=page(KO_2))
    assert repository.newer() == []
    repository.commit(en=page(EN_2))
    assert repository.newer() == [(1, "en")]
    repository.commit("Typo\n\nTranslation: not needed", ko=page(KO_2 | {"방법": "오타."}))
    assert repository.newer() == [(1, "en")], "a typo is not the translation that is missing"


def test_it_can_be_said_later_of_an_earlier_commit(repository):
    commit = repository.commit(ko=page(KO_2))
    other = repository.commit(en=page(changed(EN, "End", "Really.")))
    assert repository.newer() == [(1, "ko"), (2, "en")]
    says = f"Both read\n\nTranslation: not needed for {commit[:12]}"
    repository.git("commit", "--allow-empty", "--quiet", "--message", says)
    assert repository.newer() == [(2, "en")]
    says = f"Both read\n\nTranslation: not needed for {other}\nTranslation: by A. Reader"
    repository.git("commit", "--allow-empty", "--quiet", "--message", says)
    assert repository.newer() == []


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("Typo\n\nTranslation: not needed", "Typo\n\nTranslation: not needed"), []),
        (("Typo\n\nTranslation: not needed", "No typo"), [(1, "ko")]),
    ],
)
def test_a_merge_brings_what_its_commits_say(repository, messages, expected):
    repository.git("switch", "--quiet", "--create", "branch")
    repository.commit(messages[0], ko=page(changed(KO, "방법", "이렇게.")))
    repository.commit(messages[1], ko=page(KO_2))
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "branch")
    assert repository.newer() == expected


def test_a_merged_branch_is_one_change_in_both_languages(repository):
    repository.git("switch", "--quiet", "--create", "branch")
    repository.commit(ko=page(KO_2))
    repository.commit(en=page(EN_2))
    repository.commit(en=page(EN_2 | {"Method": "Polished."}))
    assert repository.newer() == [(1, "en")], "on the branch itself each commit is a change"
    repository.git("switch", "--quiet", "main")
    repository.commit(ko=page(KO, cell=CELL + "\n% a comment\n"))
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "-X", "theirs", "branch")
    assert repository.newer() == []


# What git does not know


DRAFT = HEADER.replace("---\n\n", "draft: true\n---\n\n")


def test_a_draft_may_be_written_in_one_language_after_the_other(repository):
    assert DRAFT != HEADER
    ko, en = (page(prose).replace(HEADER, DRAFT) for prose in (KO_2, EN_2))
    repository.commit("A copy, to be translated", ko=en, en=en)
    assert repository.newer() == []
    repository.commit("The translation", ko=ko)
    assert repository.newer() == []
    repository.commit("No draft any more", ko=page(KO_2), en=page(EN_2))
    assert repository.newer() == []
    repository.commit(ko=page(KO))
    assert repository.newer() == [(1, "ko")]


def test_what_is_not_committed_is_the_newest_change(repository):
    repository.write(en=page(EN_2))
    (found,) = lag.newer_sections(repository.folder, ["index"])
    assert (found.number, found.language, found.commit, found.date) == (1, "en", None, None)
    assert report.difference(found) == "git diff HEAD -- book/en/index.md"
    repository.write(ko=page(KO_2))
    assert repository.newer() == []


def test_a_folder_without_git_is_told_apart_from_one_in_step(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(history.NoHistoryError, match="not a git repository"):
        lag.newer_sections(tmp_path, ["index"])


def test_a_machine_without_git_is_told(repository, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(history.NoHistoryError, match="git is not installed"):
        repository.newer()


def test_pages_in_someone_elses_repository_have_no_history(repository):
    inner = repository.folder / "vendor"
    (inner / "book").mkdir(parents=True)
    with pytest.raises(history.NoHistoryError, match="no page was ever committed"):
        lag.newer_sections(inner, ["index"])


def test_a_project_in_a_folder_of_a_repository_has_its_history(repository):
    inner = repository.folder / "lessons"
    inner.mkdir()
    repository.git("mv", "book", "_toc.yml", "lessons")
    repository.folder = inner
    repository.commit("Move")
    assert repository.newer() == []
    repository.commit(ko=page(KO_2))
    assert repository.newer() == [(1, "ko")]


def shallow(repository: Repository, folder: Path) -> Path:
    repository.commit(ko=page(KO_2))
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(folder))
    return folder


def test_a_shallow_clone_is_refused_with_what_to_do(repository, tmp_path_factory):
    clone = shallow(repository, tmp_path_factory.mktemp("clone") / "shallow")
    with pytest.raises(history.NoHistoryError, match=r"git fetch --unshallow.*fetch-depth: 0"):
        lag.newer_sections(clone, ["index"])
    subprocess.run(["git", "-C", str(clone), "fetch", "--quiet", "--unshallow"], check=True)
    found = lag.newer_sections(clone, ["index"])
    assert [(one.number, one.language) for one in found] == [(1, "ko")]


def test_a_missing_page_is_named(repository):
    (repository.folder / "book" / "en" / "index.md").unlink()
    with pytest.raises(ValueError, match=r"book/en/index\.md is missing"):
        repository.newer()


# What is remembered


def test_what_was_read_once_is_not_read_again(repository, monkeypatch):
    expected = [(1, "ko")]
    repository.commit(ko=page(KO_2))
    assert repository.newer() == expected
    monkeypatch.setattr(sections, "sections", None)
    assert repository.newer() == expected


@pytest.mark.parametrize("broken", ["", "[]", '{"a": 1}', '{"a": [[1]]}'])
def test_a_broken_memory_is_begun_anew(repository, broken):
    repository.commit(ko=page(KO_2))
    repository.newer()
    (memory,) = (repository.folder / "_build").glob("sections-*.json")
    memory.write_text(broken)
    assert repository.newer() == [(1, "ko")]
    assert len(memory.read_text()) > 100


# The sections themselves


@pytest.mark.parametrize("each", book.all_pages(), ids=str)
def test_a_page_is_divided_as_the_checks_divide_it(each):
    text = each.source.read_text(encoding="utf-8")
    found = sections.sections(text)
    assert [one.line for one in found] == [heading.line for heading in facts(text).headings]


def test_what_looks_like_a_heading_in_code_or_in_a_quotation_opens_no_section():
    text = "# One\n\n```python\n# no\n```\n\n> # no\n\n:::{note}\n# no\n:::\n\nTwo\n---\n"
    assert [section.heading for section in sections.sections(text)] == ["One", "Two"]


# The list


@pytest.fixture
def listed(repository, monkeypatch):
    found = lag.newer_sections
    monkeypatch.setattr(report, "newer_sections", lambda: found(repository.folder, ["index"]))
    return repository


def test_the_list_names_the_place_to_edit_and_how_to_see_what_changed(listed, capsys):
    before = listed.git("rev-parse", "HEAD")
    commit = listed.commit(ko=page(KO_2))
    assert report.main([]) == 0
    line, count = capsys.readouterr().out.splitlines()
    number = page(EN).splitlines().index("## Method") + 1
    assert line.startswith(f"book/en/index.md:{number}:  ko is newer  ")
    command = f"git diff {before[:10]} {commit[:10]} -- book/ko/index.md"
    assert command in line
    assert count == "parity: 1 section newer in one language than in the other"
    assert "+이렇게 하지 않습니다." in listed.git(*command.split()[1:])


def test_the_summary_is_a_table_with_links_that_is_added_to_the_file(
    listed, capsys, tmp_path, monkeypatch
):
    known = Publication(PLACE, "main", None, None)
    monkeypatch.setattr(report, "publication", lambda config: known)
    summary = tmp_path / "summary.md"
    summary.write_text("Before.\n")
    assert report.main(["--summary", str(summary)]) == 0
    before = listed.git("rev-parse", "HEAD")
    commit = listed.commit(en=page(changed(EN_2, "Method", "This | that.")))
    assert report.main(["--summary", str(summary)]) == 0
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("Before.\n")
    assert "None: both languages are in step." in text
    assert f"| ko/index | 방법 | en | {listed.git('log', '-1', '--format=%cs')} |" in text
    assert f"[difference]({PLACE}/compare/{before}...{commit}#diff-" in text


def test_without_history_there_is_no_list_but_an_error_that_says_what_to_do(
    repository, tmp_path_factory, monkeypatch, capsys
):
    clone = shallow(repository, tmp_path_factory.mktemp("clone") / "shallow")
    find = lag.newer_sections
    monkeypatch.setattr(report, "newer_sections", lambda: find(clone, ["index"]))
    assert report.main([]) == 1
    assert "parity: the clone is shallow" in capsys.readouterr().err
    assert report.told().startswith("No page says which sections are newer")


def test_githubs_address_of_a_difference_names_the_file():
    known = Publication(PLACE, "main", None, None)
    # That of README.md is seen in every repository there.
    readme = "b335630551682c19a781afebcf4d07bf978fb1f8ac04c6bf87428ed5106870f5"
    assert hashlib.sha256(b"README.md").hexdigest() == readme
    where = f"#diff-{hashlib.sha256(b'book/ko/rnn.md').hexdigest()}"
    assert known.difference("ko", "rnn", "a1", "b2") == f"{PLACE}/compare/a1...b2{where}"
    assert known.difference("ko", "rnn", None, "b2") == f"{PLACE}/commit/b2{where}"
    assert known.difference("ko", "rnn", "a1", None) is None
    assert Publication(None, "main", None, None).difference("ko", "rnn", "a1", "b2") is None


# The note in the page


class Built(NamedTuple):
    """One language's page after a build."""

    html: str
    notes: list[str]
    read: list[str]  # pages that were read from their source again


@pytest.fixture
def build(repository, monkeypatch) -> Callable[[str], Built]:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    (repository.folder / ".gitignore").write_text("_build\n")

    def run(language: str) -> Built:
        source = repository.folder / "book" / language
        out = repository.folder / "_build" / language
        read: list[str] = []
        settings = {
            "extensions": ["myst_parser", "bookwright.translation.extension"],
            "language": language,
        }
        with docutils_namespace():
            app = Sphinx(
                source, None, out, out / ".doctrees", "html", settings, status=None, warning=None
            )
            app.connect("source-read", lambda _, name, __: read.append(name))
            app.build()
        html = (out / "index.html").read_text(encoding="utf-8")
        return Built(html, re.findall(r'<p class="newer" role="note">.*?</p>', html), read)

    return run


def test_a_section_says_that_it_is_newer_in_the_other_language(repository, build):
    assert build("ko").notes == build("en").notes == []

    repository.commit(ko=page(KO_2))
    date = repository.git("log", "-1", "--format=%cs")
    assert build("ko").notes == []
    html, (note,), read = build("en")
    assert f"The Korean text of this section is newer ({date})." in note
    assert 'href="../ko/index.html#section-1" hreflang="ko">See the Korean text' in note
    assert html.index("Method<") < html.index(note) < html.index("This is how.")
    assert read == [], "the page is written again, not read again"

    repository.commit(en=page(EN_2))
    assert build("en").notes == []


def test_the_note_leads_to_the_difference_where_the_repository_is_known(
    repository, build, monkeypatch
):
    before = repository.git("rev-parse", "HEAD")
    repository.write(en=page(EN_2))
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/lessons")
    (note,) = build("ko").notes
    assert "이 부분은 영어판이 더 새롭습니다(커밋 전)." in note
    assert "../en/index.html#section-1" in note, "there is nothing to show before the commit"

    commit = repository.commit()
    (note,) = build("ko").notes
    assert f'href="{PLACE}/compare/{before}...{commit}#diff-' in note
    assert "달라진 곳 보기" in note


def test_a_page_without_history_is_built_without_notes(repository, build):
    repository.write(ko=page(KO_2))
    shutil.rmtree(repository.folder / ".git")
    assert build("en").notes == []


def test_a_notebook_leaves_the_note_out():
    writer = JupyterMarkdown(str, lambda kind, node_id: "", str, {})
    assert writer.block(NewerNote(html="<p>Newer.</p>")) == ""
