"""Where a book is published, and what addresses that gives."""

from __future__ import annotations

import pytest
import yaml

from bookwright.publication import Publication, publication
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("config", "environment", "site"),
    [
        ({}, {}, None),
        ({}, {"GITHUB_REPOSITORY": "Ada/lessons"}, "https://ada.github.io/lessons/"),
        ({}, {"GITHUB_REPOSITORY": "Ada/ada.github.io"}, "https://ada.github.io/"),
        ({"html": {"baseurl": "https://b.org"}}, {"GITHUB_REPOSITORY": "a/b"}, "https://b.org/"),
        ({"html": {"baseurl": "https://b.org"}}, {"BOOK_SITE": "https://c/d/"}, "https://c/d/"),
        ({"repository": {"url": "https://git.uni.edu/a/b"}}, {}, None),
    ],
)
def test_the_site_address_is_the_one_given_or_that_of_github_pages(config, environment, site):
    assert publication(config, environment).site == site


def test_a_repository_elsewhere_has_source_links_but_no_colab():
    config = {"repository": {"url": "https://git.uni.edu/a/b"}, "notebooks": {"site_branch": "x"}}
    known = publication(config, {})
    assert known.source("ko", "rnn") == "https://git.uni.edu/a/b/blob/main/book/ko/rnn.md"
    assert known.colab("ko", "rnn") is None
    assert known.binder("ko", "rnn") is None


@pytest.mark.parametrize("address", ["lessons.org", "http://lessons.org/", "file:///lessons"])
def test_a_site_whose_notebooks_anybody_on_the_way_could_change_is_refused(address):
    with pytest.raises(RuntimeError, match=f"the site's address to start with https://.*{address}"):
        publication({}, {"BOOK_SITE": address})


def test_what_the_configuration_says_about_the_branch_is_read():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert publication(config, {}).site_branch == "gh-pages"


def test_without_a_repository_there_is_nowhere_to_report():
    assert Publication(None, "main", None, None).mistake("ko", "rnn", "") is None
