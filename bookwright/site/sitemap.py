"""The site's `/sitemap.xml`: every page's address, with the same page in the other language."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def sitemap(site: str, names: Sequence[str], languages: Sequence[str]) -> bytes:
    """The sitemap as XML (https://www.sitemaps.org, with Google's alternates).

    Args:
        site: Where the site is published, with a slash at the end.
        names: The pages.
        languages: Each page is there in all of them.
    """
    ElementTree.register_namespace("", _SITEMAP)
    ElementTree.register_namespace("xhtml", _XHTML)
    root = ElementTree.Element(f"{{{_SITEMAP}}}urlset")
    for name in names:
        addresses = {language: f"{site}{language}/{name}.html" for language in languages}
        for address in addresses.values():
            url = ElementTree.SubElement(root, f"{{{_SITEMAP}}}url")
            ElementTree.SubElement(url, f"{{{_SITEMAP}}}loc").text = address
            for language, other in addresses.items():
                link = {"rel": "alternate", "hreflang": language, "href": other}
                ElementTree.SubElement(url, f"{{{_XHTML}}}link", link)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
