"""The command line: `python -m bookwright COMMAND`."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bookwright.__main__ import COMMANDS, main
from tests.conftest import ROOT

CODE = ROOT / "bookwright"


def called() -> set[str]:
    """The commands that files of this project call."""
    files = [ROOT / "Makefile", *ROOT.glob("*.md"), ROOT / ".pre-commit-config.yaml"]
    files += [path for folder in ("bookwright", ".github") for path in (ROOT / folder).rglob("*.*")]
    files = [path for path in files if path.is_file() and path.suffix != ".pyc"]
    texts = [path.read_text("utf-8") for path in files]
    return set(re.findall(r"-m bookwright ([a-z][\w-]+)", "\n".join(texts)))


def test_every_command_that_a_file_calls_is_there():
    assert {"book", "page", "serve", "lesson", "ready", "cache-key"} <= called() <= {*COMMANDS}


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_lists_each_command_with_a_sentence(arguments, capsys):
    assert main(arguments) == 0
    lines = dict(re.findall(r"^  ([\w-]+) +(\w.+)$", capsys.readouterr().out, re.MULTILINE))
    assert list(lines) == list(COMMANDS)


def all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from all_actions(each)
        else:
            yield action


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_what_each_of_its_arguments_is(name, monkeypatch):
    class AskedError(BaseException):
        pass

    def ask(parser: argparse.ArgumentParser, *_: object) -> None:
        raise AskedError(parser)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", ask)
    with pytest.raises(AskedError) as found:
        main([name, "anything"])
    (parser,) = found.value.args
    assert parser.prog == f"python -m bookwright {name}"
    assert parser.description
    assert [action.dest for action in all_actions(parser) if not action.help] == []


def test_an_unknown_command_is_told_in_one_line(capsys):
    assert main(["bok"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("there is no command 'bok'")


@pytest.mark.parametrize("name", ["checks", "spelling"])
def test_outside_of_a_book_a_command_says_so_in_one_line(name, tmp_path):
    command = [sys.executable, "-m", "bookwright", name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{tmp_path} is no book: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("raised", [RuntimeError("no such page"), OSError("no such page")])
def test_what_a_command_cannot_do_is_told_in_one_line(monkeypatch, capsys, raised):
    def page(rest: list[str]) -> int:
        raise raised

    monkeypatch.setattr("bookwright.preview.one_page.main", page)
    assert main(["page", "tides"]) == 1
    assert capsys.readouterr().err == "no such page\n"


def test_no_module_is_started_but_by_a_command_or_by_our_own_code():
    texts = {path: path.read_text("utf-8") for path in CODE.rglob("*.py")}
    alone = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path, text in texts.items()
        if '__name__ == "__main__"' in text
    }
    started = set(re.findall(r'"-m", "(bookwright\.[\w.]+)"', "".join(texts.values())))
    # `make` starts this before anything is installed.
    first = "bookwright.environment"
    assert f"$(PYTHON) -m {first})" in (ROOT / "Makefile").read_text("utf-8")
    assert alone == {"bookwright.__main__", first, *started}


def test_a_build_waits_for_nothing_that_only_its_languages_processes_need():
    loaded = "import sys, bookwright.site.build; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True)
    assert not {"myst_nb.core.render", "jupyter_cache", "furo", "bs4", "scipy"} & {
        *done.stdout.split()
    }
