"""What is taken for valid HTML, and for a link that leads somewhere."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bookwright import book as pages
from bookwright.verify import html, links, nu
from bookwright.verify.links import Site

FRAME = '<!DOCTYPE html><html lang="en"><head><title>A</title></head><body>{}</body></html>'


# What the tool finds


@pytest.mark.parametrize(
    "body",
    [
        '<main id="a"><h1>One</h1><p>Text &amp; more<br>here.</p></main><a href="#a">up</a>',
        '<label for="x">Name</label><input id="x" aria-describedby="y z"><i id="y"></i><i id="z">',
        "<details><summary><span>Open</span></summary><p>Text</p></details>",
        '<math display="block"><mrow><mi>x</mi></mrow></math><svg><path d="M0 0"/></svg>',
        '<table><tbody><tr><th scope="row">a</th><td><p>b</p></td></tr></tbody></table>',
    ],
)
def test_valid_html_has_no_problems(body):
    assert html.problems(FRAME.format(body.replace('<i id="z">', '<i id="z"></i>'))) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<p id="a"></p><p id="a"></p>', "2 elements have the id 'a'"),
        ("<div><p>text", "Missing end tag (div)"),
        ("<p>text<div>block</div></p>", "Unexpected end tag (p)"),
        ("<b><i>text</b></i>", "adoption agency"),
        ("<table><div>text</div></table>", "table"),
        ("<a href='#'>one<a href='#'>two</a></a>", "implies end tag (a)"),
        ("<p class='a' class='b'>text</p>", "duplicate attribute"),
        ("<p>one &nosuch; two</p>", "Named entity"),
        ("<summary><p>text</p></summary>", "<summary> 'text' holds <p> 'text'"),
        ("<span><div>text</div></span>", "<span> 'text' holds <div> 'text'"),
        ("<button><a href='#'>text</a></button>", "<button> 'text' holds <a> 'text'"),
        ('<nav aria-labelledby="no">text</nav>', "aria-labelledby names 'no', which is not there"),
        ('<label for="no">text</label>', "for names 'no', which is not there"),
        ("<center>text</center>", "<center> 'text' is obsolete"),
        ('<table border="1"></table>', "the attribute border is obsolete"),
        ('<img src="a.svg">', "a.svg has no alt"),
        ('<main>a</main><div role="main">b</div>', "more than one main part"),
    ],
)
def test_each_kind_of_mistake_is_found_and_described(body, problem):
    (found, *_) = [each for each in html.problems(FRAME.format(body)) if problem in each]
    assert found


def test_a_page_needs_a_language_and_a_title():
    found = html.problems("<!DOCTYPE html><html><head></head><body></body></html>")
    assert found == ["<html> has no lang", "<head> has no title"]
    assert any("DOCTYPE" in each for each in html.problems("<p>text</p>"))


# Links


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language in pages.LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.html").write_text('<p id="here">a</p><a name="old"></a>')
    (tmp_path / "index.html").write_text("start")
    (tmp_path / "b c.svg").write_text("<svg/>")
    return tmp_path


GOOD = [
    "a.html", "#here", "#", "#top", "", "a.html?v=1#old", "../en/a.html#here", "../", "..",
    "../b%20c.svg", "data:image/png;base64,AA", "../ko/../en/a.html", "mailto:a@example.org",
]  # fmt: skip


@pytest.mark.parametrize("address", GOOD)
@pytest.mark.parametrize("attribute", ["a href", "img src"])
def test_a_link_to_what_is_there_is_no_problem(folder, address, attribute):
    element = f'<{attribute}="{address}">'
    (folder / "ko" / "a.html").write_text(f'<p id="here"></p><a name="old"></a>{element}')
    assert Site(folder).broken() == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("b.html", "there is no ko/b.html"),
        ("../A.html", "there is no A.html"),
        ("#there", "ko/a.html has no place 'there'"),
        ("../en/a.html#there", "en/a.html has no place 'there'"),
        ("/en/a.html", "starts at the host's root"),
        ("../../en/a.html", "leads out of the site"),
        ("javascript:void(0)", "is a script"),
        ("../en/", "there is no en/index.html"),
    ],
)
def test_a_link_to_what_is_not_there_is_named_with_its_line(folder, address, problem):
    (folder / "ko" / "a.html").write_text(f'<p>text</p>\n<a href="{address}">b</a>')
    (found,) = Site(folder).broken()
    assert str(found) == f"ko/a.html:2: {address}"
    assert problem in found.cause


def test_pictures_and_style_sheets_have_links_too(folder):
    (folder / "ko" / "a.html").write_text(
        '<img srcset="../b%20c.svg 1x, no.svg 2x" src="../b%20c.svg">'
        "<p style=\"background: url('no2.svg')\">"
    )
    (folder / "ko" / "a.css").write_text("p {}\np { background: url(../b%20c.svg) url(no3.svg) }")
    found = Site(folder).broken()
    missing = [each.cause.rpartition(" ")[2] for each in found]
    assert missing == ["ko/no.svg", "ko/no2.svg", "ko/no3.svg"]
    assert found[2].place == "ko/a.css:2"


def test_the_sites_own_address_leads_into_the_site(folder):
    own = "https://book.example/lessons/"
    (folder / "index.html").write_text(
        f'<a href="{own}en/a.html#here"></a><a href="{own}en/no.html"></a>'
        '<a href="https://other.example/x"></a><a href="//third.example/y"></a>'
    )
    (found,) = Site(folder, own).broken()
    assert str(found) == f"index.html:1: {own}en/no.html"
    assert found.cause == "there is no en/no.html"
    others = ["http://third.example/y", "https://other.example/x"]
    assert list(Site(folder, own).external()) == others
    assert Site(folder).broken() == [], "without the address nobody knows"


def test_links_to_other_hosts_are_listed_with_their_pages(folder, capsys, monkeypatch):
    for language in pages.LANGUAGES:
        (folder / language / "a.html").write_text('<a href="https://other.example/x#y">a</a>')
    assert Site(folder).external() == {"https://other.example/x#y": ["en/a.html", "ko/a.html"]}
    monkeypatch.setattr(links, "SITE", folder)
    assert links.main() == 0
    printed = capsys.readouterr().out
    assert "https://other.example/x#y\n    en/a.html\n    ko/a.html\n" in printed
    assert "links: 1 external, 0 broken within the site" in printed
    (folder / "index.html").write_text('<a href="no.html">')
    assert links.main() == 1
    printed = capsys.readouterr()
    assert printed.err == "there is no no.html\n  index.html:1: no.html\n"
    assert "1 broken within the site" in printed.out


def test_links_to_one_page_that_is_gone_are_told_together(folder, capsys, monkeypatch):
    monkeypatch.setattr(links, "SITE", folder)
    (folder / "ko" / "a.html").write_text('<a href="no.html">a</a>\n<a href="no.html#x">b</a>')
    (folder / "index.html").write_text('<a href="ko/no.html">a</a>\n<a href="gone.html">b</a>')
    assert links.main() == 1
    assert capsys.readouterr().err.splitlines() == [
        "there is no ko/no.html (3 places)",
        "  index.html:1: ko/no.html",
        "  ko/a.html:1: no.html",
        "  ko/a.html:2: no.html#x",
        "there is no gone.html",
        "  index.html:2: gone.html",
        "2 problems in 2 files",
    ]


@pytest.mark.parametrize("tool", [links, nu])
def test_without_a_site_a_tool_says_what_to_do(tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "SITE", tmp_path)
    assert tool.main() == 1
    assert "run `make book` first" in capsys.readouterr().err


def test_the_full_validator_says_what_it_needs(folder, monkeypatch, capsys):
    monkeypatch.setattr(nu, "SITE", folder)
    monkeypatch.setattr(nu.shutil, "which", lambda name: None)
    assert nu.main() == 1
    assert "needs Java" in capsys.readouterr().err


def test_the_full_validator_is_pinned_by_its_hash():
    lock = json.loads((nu.LOCK / "package-lock.json").read_text())["packages"]
    wanted = json.loads((nu.LOCK / "package.json").read_text())["dependencies"]
    assert lock.pop("")["dependencies"] == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(entry["integrity"].startswith("sha512-") for entry in lock.values())
    assert set(lock) == {f"node_modules/{name}" for name in wanted}


PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> {said}
echo no such hash >&2
exit {status}
"""


@pytest.mark.parametrize("status", [0, 1])
def test_the_full_validator_is_installed_as_pinned_without_its_scripts(
    folder, tmp_path, monkeypatch, capsys, status
):
    said = tmp_path / "said"
    for name, ends in (("npm", status), ("java", 0)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(PROGRAM.format(said=said, status=ends))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(nu, "SITE", folder)
    monkeypatch.setattr(nu, "FOLDER", tmp_path / "nu")
    assert nu.main() == status
    installed, *checked = said.read_text().splitlines()
    assert installed.startswith("npm ci --ignore-scripts")
    kept = (tmp_path / "nu" / "package-lock.json").read_text()
    assert kept == (nu.LOCK / "package-lock.json").read_text()
    if status:
        assert checked == []
        assert "could not be installed:\nno such hash" in capsys.readouterr().err
    else:
        archive = tmp_path / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
        assert checked[0].startswith(f"java -jar {archive} --errors-only")
