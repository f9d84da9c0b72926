"""The browser that prints and tests: found, or asked for."""

from __future__ import annotations

from bookwright import browser


def test_without_a_hangul_font_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: "/somewhere/chromium")
    monkeypatch.setattr(browser, "has_hangul", lambda: False)
    monkeypatch.setattr(browser, "_apt", lambda *packages: [])
    assert "fonts-noto-cjk" in browser.ready()


def test_without_a_browser_the_message_says_what_was_tried(monkeypatch):
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.setattr(browser, "install", lambda: ["  a way: no network"])
    assert "a way: no network" in browser.ready()
    assert "set CHROMIUM" in browser.ready()
