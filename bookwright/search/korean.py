"""Particles of Korean words, for the search index and for the queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

LANGUAGE = "ko"
# What is written on to a noun, in the text and by readers.
_PARTICLES = """
은 는 이 가 을 를 의 에 에서 에게 와 과 로 으로 도 만 까지 부터 보다 처럼 마다 이나 나 란 이란
이라는 라는 이다 인가 인지 인 입니다 이고 이므로 이며 에는 에도 에만 에서는 에서도 으로는 으로도
로는 로도 와의 과의 까지의 부터는 보다는 만으로 만의 들 들이 들을 들의 들은 들에 들과
하다 하는 하기 하면 한 할 해 했다 했을 하고 하여 하지 하게 합니다 하세요
되는 되다 되면 된 될 되고 되지 됩니다 시키는 시킨 시켜
"""
# What is written on to the stem of a verb or an adjective, by readers.
_ENDINGS = """
는 은 면 으면 고 기 지 서 어서 아서 던 니다 습니다 는가 은가 는지 은지 나요 까요 네요 다 는다
려면 으려면
"""
PARTICLES = _PARTICLES.split()
ENDINGS = _ENDINGS.split()

_WORD = re.compile(r"[가-힣]+")
_ENOUGH = 3  # forms of a word, its bare one included, which show that it is one
_JOINER = " \u2060"  # a space for the index, nothing for the reader


def _ways(word: str) -> list[tuple[str, str]]:
    """All ways to take a particle off; two syllables at least stay."""
    ways = [(word[: -len(p)], p) for p in PARTICLES if word.endswith(p)]
    return [(stem, particle) for stem, particle in ways if len(stem) >= 2]


class Splitter:
    """Sets particles apart where the book itself shows that what stands before them is a word.

    데이터를 is taken apart because 데이터, 데이터의 and others are found as well, 결과 (which only
    looks like 결 with a particle) is not.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        forms: dict[str, set[str]] = defaultdict(set)
        for word in {word for text in texts for word in _WORD.findall(text)}:
            forms[word].add("")
            for stem, particle in _ways(word):
                forms[stem].add(particle)
        self._forms = {
            word: len(found)
            for word, found in forms.items()
            if len(word) >= 2 and len(found) >= _ENOUGH
        }

    @property
    def nouns(self) -> list[str]:
        """Words that the book uses with several particles."""
        return sorted(word for word in self._forms if not _inflected(word, self._forms))

    def _set_apart(self, match: re.Match[str]) -> str:
        word = match.group()
        if word in PARTICLES and re.match(r"\w", match.string[: match.start()][-1:]):
            return _JOINER + word  # ReLU는
        ways = [way for way in _ways(word) if way[0] in self._forms]
        if not ways:
            return word
        stem, particle = max(ways, key=lambda way: self._forms[way[0]])
        return f"{stem}{_JOINER}{particle}"

    def set_apart(self, text: str) -> str:
        """The text with each particle a word of its own, which the joiner marks as a part."""
        return _WORD.sub(self._set_apart, text)


def _inflected(word: str, known: Iterable[str]) -> bool:
    return any(stem in known for stem, _ in _ways(word))
