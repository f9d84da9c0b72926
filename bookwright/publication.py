"""Where the site is published: what the links and the notebooks' first cell need to know.

From CI's environment (`GITHUB_SERVER_URL`, `GITHUB_REPOSITORY`) and from `_config.yml`, so that a
fork's site links to the fork. What is not known is None, and whatever needs it is left out.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

GITHUB = "https://github.com"


class Publication(NamedTuple):
    """Addresses of the published site and its repository."""

    repository: str | None  # https://github.com/owner/name
    branch: str  # the sources' branch
    site: str | None  # where _build/html is served, with a slash at the end
    site_branch: str | None  # the repository's branch that holds the built site

    def source(self, language: str, page: str) -> str | None:
        """The page's source in the repository."""
        return self._page("blob", language, page)

    def edit(self, language: str, page: str) -> str | None:
        """The editor for the page's source."""
        return self._page("edit", language, page)

    def mistake(self, language: str, page: str, commit: str) -> str | None:
        """The form that reports a mistake in this page, filled in as far as the page knows."""
        if self.repository is None:
            return None
        fields = {"template": "mistake.yml", "page": f"{language}/{page}", "commit": commit}
        return f"{self.repository}/issues/new?{urlencode(fields)}"

    def _page(self, view: str, language: str, page: str) -> str | None:
        if self.repository is None:
            return None
        return f"{self.repository}/{view}/{quote(self.branch)}/book/{language}/{quote(page)}.md"

    def difference(
        self, language: str, page: str, before: str | None, commit: str | None
    ) -> str | None:
        """What changed in a page's source from one commit to another, or in a single one."""
        if self.repository is None or commit is None:
            return None
        path = f"book/{language}/{page}.md"
        place = f"#diff-{hashlib.sha256(path.encode()).hexdigest()}"  # GitHub's anchor of a file
        if before is None:
            return f"{self.repository}/commit/{commit}{place}"
        return f"{self.repository}/compare/{before}...{commit}{place}"

    def _on_github(self) -> str | None:
        """Owner and name, if the built site lies in a repository that others can open."""
        if self.repository is None or self.site_branch is None:
            return None
        address = urlsplit(self.repository)
        return address.path if f"{address.scheme}://{address.netloc}" == GITHUB else None

    def colab(self, language: str, page: str) -> str | None:
        """The notebook of the built site, opened in Colab."""
        path = self._on_github()
        notebook = f"{language}/notebooks/{quote(page)}.ipynb"
        return path and (
            f"https://colab.research.google.com/github{path}/blob/{self.site_branch}/{notebook}"
        )

    def binder(self, language: str, page: str) -> str | None:
        """The notebook of the built site, opened in Binder, which finds `binder/` beside it."""
        path = self._on_github()
        notebook = quote(f"lab/tree/{language}/notebooks/{page}.ipynb", safe="")
        return path and (
            f"https://mybinder.org/v2/gh{path}/{quote(self.site_branch or '', safe='')}"
            f"?urlpath={notebook}"
        )


def _pages_address(server: str, repository: str) -> str | None:
    """Where GitHub Pages serves a repository that says nothing else."""
    if server != GITHUB:
        return None
    owner, name = repository.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def publication(config: Mapping, environment: Mapping[str, str] = os.environ) -> Publication:
    """Reads what is known about the place of publication.

    Args:
        config: The book's `_config.yml`: Jupyter Book's `repository.url`, `repository.branch` and
            `html.baseurl`, and our `site_branch`.
        environment: `BOOK_SITE`, the site's address, goes before `html.baseurl`, and CI's
            repository before the configured one.

    Raises:
        RuntimeError: An address is none, or the site's is not safe.
    """
    repository = config.get("repository") or {}
    server = environment.get("GITHUB_SERVER_URL", GITHUB).rstrip("/")
    name = environment.get("GITHUB_REPOSITORY")
    url = f"{server}/{name}" if name else (repository.get("url") or "").rstrip("/") or None
    site = environment.get("BOOK_SITE") or (config.get("html") or {}).get("baseurl")
    # Notebooks install what the site gives them, so that nobody may change it on the way.
    for what, address, scheme in (("repository", url, "https?"), ("site", site, "https")):
        if address and not re.fullmatch(rf"{scheme}://[^\s/]+\S*", address):
            raise RuntimeError(
                f"expected the {what}'s address to start with https://, got {address}: "
                f"correct it in _config.yml or the environment"
            )
    if not site and url and (found := re.fullmatch(rf"{GITHUB}/([^/]+/[^/]+)", url)):
        site = _pages_address(GITHUB, found[1])
    return Publication(
        repository=url,
        branch=repository.get("branch") or "main",
        site=f"{site.rstrip('/')}/" if site else None,
        site_branch=(config.get("notebooks") or {}).get("site_branch") or None,
    )


def commit(environment: Mapping[str, str] = os.environ) -> str:
    """The commit that the site is built from, empty if nobody knows."""
    if named := environment.get("GITHUB_SHA"):
        return named
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""  # no git
    return done.stdout.strip()
