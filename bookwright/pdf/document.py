"""Joins the built pages of one language into one document: what `bookwright.pdf.print` prints.

Each page's anchors get the page's name in front, so that links between pages become links inside
the document. On paper nothing unfolds: evidence, folded code and outputs are open, hints and
solutions stand at the end of their chapter.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, SoupStrainer, Tag
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bookwright import blocks, book
from bookwright import words as interface
from bookwright.publication import publication

_BOOK = book.ROOT / "book"
_POINTERS = {"id", "for", "headers", "aria-labelledby", "aria-describedby", "aria-details"}
_SCREEN_ONLY = f"{blocks.NOT_PRINTED}, .headerlink, .copybtn, script, .site-only"


class Chapter(NamedTuple):
    """One page of the site as a part of the document."""

    name: str
    title: str
    sections: list[tuple[str, str]]  # anchor and heading of each section, for the contents
    html: str


def words(language: str) -> dict[str, str]:
    """The interface words of a language."""
    return interface.of(language) | interface.of(language)["pdf"]


def _css_string(text: str) -> Markup:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return Markup(f'"{escaped}"')


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _anchor(page: str, anchor: str) -> str:
    return f"{page}--{anchor}"


def _address(page: str, href: str, names: list[str], root: str | None) -> str | None:
    """Where a page's link leads from the document; None if it leads nowhere on paper."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return href
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path))
    target = page if not parts.path else path.removesuffix(".html")
    if target in names and (not parts.path or path.endswith(".html")):
        return f"#{_anchor(target, parts.fragment) if parts.fragment else target}"
    return urljoin(root, path) if root else None


def connect(article: Tag, page: str, names: list[str], root: str | None = None) -> None:
    """Makes a page's anchors and links those of the document.

    Args:
        article: The page's content; it is changed.
        page: The page's name.
        names: The pages of the document.
        root: Where this language's pages are published, for links to what is no page; without it
            such links become plain text.
    """
    for tag in article.find_all(True):
        for pointer in _POINTERS & tag.attrs.keys():
            targets = " ".join(tag.get_attribute_list(pointer)).split()
            tag[pointer] = " ".join(_anchor(page, target) for target in targets)
    for link in article.find_all("a", href=True):
        address = _address(page, str(link["href"]), names, root)
        if address is None:
            link.unwrap()
        else:
            link["href"] = address
    article["id"] = page


def unfold(article: Tag) -> None:
    """Opens what belongs on paper: evidence, folded code and outputs, asides; drops other folds."""
    for details in article.find_all("details"):
        classes = set(details.get_attribute_list("class"))
        if "hide" in classes:  # a cell or its output
            for summary in details.find_all("summary", recursive=False):
                summary.decompose()
            details.unwrap()
        elif classes & blocks.OPEN_ON_PAPER:
            details["open"] = ""
        else:  # data behind a drawing and the like
            details.decompose()


def move_answers(article: Tag, new: BeautifulSoup, page: str, language: str) -> None:
    """Moves hints and solutions to a section at the chapter's end, with links both ways."""
    say = words(language)
    section = new.new_tag("section", id=_anchor(page, "answers"))
    for exercise in article.select(".exercise.admonition"):
        title = exercise.select_one(".admonition-title")
        parts: list[Tag] = []
        last: Tag = exercise
        for tag in exercise.find_next_siblings():
            if "exercise" in tag.get_attribute_list("class"):
                break
            if tag.name == "details":  # the hint: its content without the fold
                parts += [part for part in tag.find_all(recursive=False) if part.name != "summary"]
                tag.extract()
            elif "tag_solution" in tag.get_attribute_list("class"):
                parts.append(tag.extract())
            else:
                last = tag if "tag_exercise" in tag.get_attribute_list("class") else last
        if not parts or title is None:
            continue
        place = f"{exercise['id']}--answer"
        answer = new.new_tag("div", attrs={"class": "answer", "id": place})
        head = new.new_tag("p", attrs={"class": "answer-title"})
        back = new.new_tag("a", href=f"#{exercise['id']}", string=_text(title))
        head.append(back)
        answer.extend([head, *parts])
        section.append(answer)
        see = new.new_tag("p", attrs={"class": "see-answer"})
        link = new.new_tag("a", href=f"#{place}", string=f"{say['answers']}, ")
        number = new.new_tag("span", attrs={"class": "page-number", "data-of": place})
        number["data-say"] = say["page"]
        link.append(number)
        see.append(link)
        last.insert_after(see)
    if section.contents:
        section.insert(0, new.new_tag("h2", string=say["answers"]))
        (article.find("section") or article).append(section)


def chapter(html: str, name: str, names: list[str], language: str, root: str | None) -> Chapter:
    """A built page as a part of the document.

    Args:
        html: The page.
        name: Its name.
        names: The pages of the document.
        language: Its language.
        root: Where this language's pages are published, if that is known.

    Raises:
        ValueError: The page has no article or no title.
    """
    soup = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("article"))
    article = soup.find("article")
    heading = article.find("h1") if article else None
    if article is None or heading is None:
        raise ValueError(f"{language}/{name}.html has no article with a title: is it a built page?")
    for tag in article.select(_SCREEN_ONLY):
        tag.decompose()
    connect(article, name, names, root)
    move_answers(article, soup, name, language)
    unfold(article)
    for image in article.find_all("img"):
        image.attrs.pop("loading", None)
    if name == names[0]:  # its title is the book's, which stands on the title page
        heading.string = words(language)["about"]
    sections = [
        (str(section["id"]), _text(h2))
        for h2 in article.find_all("h2")
        if (section := h2.find_parent(id=True))
    ]
    return Chapter(name, _text(heading), sections, str(article))


def document(site: Path, language: str) -> str:
    """All pages of one language as one HTML document, to be read in that language's folder.

    Args:
        site: The assembled site, with its `build.json`.
        language: Which pages.

    Raises:
        FileNotFoundError: A page of the table of contents is not there.
        ValueError: A link leads to an anchor that is not there.
    """
    names = book.page_names()
    address = publication(book.config()).site
    root = f"{address}{language}/" if address else None
    chapters = [
        chapter((site / language / f"{name}.html").read_text("utf-8"), name, names, language, root)
        for name in names
    ]
    record = json.loads((site / "build.json").read_text(encoding="utf-8"))
    dates = [page["date"] for page in record["pages"].values()]
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    templates.filters["css_string"] = _css_string
    html = templates.get_template("document.html").render(
        language=language,
        words=words(language),
        chapters=chapters,
        site=address,
        date=max(dates, default=""),
        versions=", ".join(f"{name} {version}" for name, version in record["versions"].items()),
    )
    if lost := lost_links(html):
        raise ValueError(f"{language}: links of the PDF lead nowhere: {', '.join(lost)}")
    return html


def lost_links(html: str) -> list[str]:
    """Links to anchors that the document lacks."""
    anchors, links = (
        set(re.findall(rf'<[^<>]*\s{attribute}([^"<>]+)"', html))
        for attribute in ('id="', 'href="#')
    )
    return sorted(links - anchors)
