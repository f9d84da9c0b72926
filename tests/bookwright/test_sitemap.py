"""The sitemap names every page in every language, each with all its languages."""

from xml.etree import ElementTree

from bookwright.site.sitemap import sitemap

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def test_every_page_is_there_with_its_alternates():
    root = ElementTree.fromstring(sitemap("https://book.test/", ["index", "rnn"], ["ko", "en"]))
    places = [url.findtext("s:loc", namespaces=NAMES) for url in root.findall("s:url", NAMES)]
    assert places == [
        "https://book.test/ko/index.html",
        "https://book.test/en/index.html",
        "https://book.test/ko/rnn.html",
        "https://book.test/en/rnn.html",
    ]
    for url in root.findall("s:url", NAMES):
        links = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)}
        name = url.findtext("s:loc", namespaces=NAMES).rpartition("/")[2]
        assert links == {lang: f"https://book.test/{lang}/{name}" for lang in ("ko", "en")}
