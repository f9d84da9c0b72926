"""Claims whose kind does not fit what their sentence says, as far as words show it."""

from __future__ import annotations

import pytest

from bookwright.book import HEADER
from bookwright.checks import claims, kinds
from tests.helpers import said

CLAIM = ":::{{claim}} one\n{sentence}\n:::\n\n```{{code-cell}} ipython3\n{call}\n```\n"
CALLS = {
    "identity": "claims.identity('one', apart, within=1e-12)",
    "fact": "claims.fact('one', n, above=4)",
    "effect": "claims.effect('one', gain, seeds=SEEDS, of='loss')",
    "equivalence": "claims.equivalence('one', gain, seeds=SEEDS, of='loss')",
    "every_seed": "claims.every_seed('one', gain, seeds=SEEDS, above=0)",
}


def page(kind: str, sentence: str) -> str:
    return HEADER + "# Title\n\n" + CLAIM.format(sentence=sentence, call=CALLS[kind])


def problems(kind: str, sentence: str, language: str = "en") -> list[str]:
    return said(kinds.kind_problems("p", page(kind, sentence), language))


EVERY = {
    "en": [
        "It is faster with every seed.",
        "Each of the seeds\ngives a smaller loss.",
        "With no seed does it fall.",
        "Whatever the seed, it is faster.",
        "For all 20 seeds it is faster.",
    ],
    "ko": [
        "모든 시드에서 더 빠릅니다.",
        "어느 시드에서나 더 빠릅니다.",
        "시드와 상관없이 더 빠릅니다.",
        "어떤 시드에서도 커지지 않습니다.",
    ],
}
ALIKE = {
    "en": [
        "Their losses are the same.",
        "Its loss is the same as without it.",
        "Both start about alike.",
        "The two do not differ.",
        "It makes no difference in loss.",
    ],
    "ko": [
        "두 손실은 거의 같습니다.",
        "손실은 차이가 없습니다.",
        "둘은 다르지 않습니다.",
        "동전 던지기와 다를 것이 없습니다.",
    ],
}
# Neither: what a word says depends on where it stands.
DIFFERENT = {
    "en": [
        "After the same number of epochs its loss is smaller.",
        "The same model learns faster with Adam.",
        "In the same epoch, the other has a larger loss.",
        "It points in roughly the same direction as the full one.",
        "Their losses are not the same: the second is larger.",
        "On the mean over seeds there is no sign of it falling.",
        "The spread over seeds is larger than the difference of `the_same` models.",
        "It loses {glue:text}`same_loss` more, {term}`over every seed <seed>`.",
    ],
    "ko": [
        "같은 걸음 수 뒤의 손실이 더 작습니다.",
        "온전한 기울기와 대체로 같은 방향을 가리킵니다.",
        "어떤 시드에서는 더 큽니다.",
        "시드에 걸친 평균이 더 작습니다.",
        "앞에서와 같이 더 작습니다.",
        "두 손실은 같지 않고, 뒤의 것이 더 큽니다.",
    ],
}


def each(sentences: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, sentence) for language, some in sentences.items() for sentence in some]


@pytest.mark.parametrize(("language", "sentence"), each(EVERY))
def test_what_is_said_of_every_seed_is_measured_for_every_seed(language, sentence):
    (problem,) = problems("effect", sentence, language)
    assert problem.startswith("p:14: claims.effect('one', ...) is about the mean over seeds, ")
    assert problem.endswith("say so of the mean, or measure it with claims.every_seed")
    with_margin = sentence[:-1] + " 0.02."
    (problem,) = problems("equivalence", with_margin, language)
    assert "claims.equivalence('one', ...) is about the mean" in problem
    for kind in ("every_seed", "identity", "fact"):
        assert problems(kind, sentence, language) == []


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "It is faster."), ("ko", "더 빠릅니다."), *each(DIFFERENT)]
)
def test_what_is_measured_for_every_seed_says_so(language, sentence):
    (problem,) = problems("every_seed", sentence, language)
    assert "is about each single seed, and the sentence does not say so" in problem


@pytest.mark.parametrize(("language", "sentence"), each(ALIKE))
def test_what_is_alike_is_no_effect_and_prints_its_margin(language, sentence):
    (problem,) = problems("effect", sentence, language)
    assert "is about a difference, and the sentence says " in problem
    (problem,) = problems("equivalence", sentence, language)
    assert "needs a margin, and the sentence prints none" in problem


@pytest.mark.parametrize(("language", "sentence"), each(DIFFERENT))
def test_a_word_that_says_nothing_of_the_result_is_no_problem(language, sentence):
    assert problems("effect", sentence, language) == []


@pytest.mark.parametrize(
    ("language", "margin"),
    [
        ("en", "They differ by less than [0.02]{.quoted}."),
        ("en", "They differ by less than {glue:text}`points:.0f` points."),
        ("en", "They differ by less than one percentage point."),
        ("en", "The ratio differs from 1 by less than a tenth."),
        ("en", "It is within $10^{-3}$ of it."),
        ("ko", "차이가 [0.02]{.quoted}보다 작습니다."),
        ("ko", "10분의 1도 차이 나지 않습니다."),
        ("ko", "십분의 일도 차이 나지 않습니다."),
        ("ko", "한 에포크보다 적게 다릅니다."),
    ],
)
def test_a_margin_is_a_number_however_it_is_written(language, margin):
    assert problems("equivalence", margin, language) == []


@pytest.mark.parametrize("name", ["L2 and L1", "`float32` and `0.5`", "{term}`L2 of 20 <l2>`"])
def test_the_number_in_a_name_is_no_margin(name):
    (problem,) = problems("equivalence", f"{name} give losses that are close.")
    assert "needs a margin" in problem


def test_a_claim_without_a_kind_is_named_with_the_kinds_there_are():
    text = page("effect", "It is faster.").replace("claims.effect", "claims.check")
    (problem,) = said(kinds.kind_problems("p", text, "en"))
    assert problem.startswith("p:19: claims.check is gone: say of which kind the claim 'one' is")
    assert all(f"claims.{kind}" in problem for kind in kinds.KINDS)
    assert not any("no cell measures" in each for each in said(claims.claim_problems("p", text)))


def test_sentences_of_a_language_without_such_words_are_not_judged():
    for kind in CALLS:
        for sentence in (*EVERY["en"], *ALIKE["en"]):
            assert problems(kind, sentence, "de") == []


def test_a_book_brings_the_words_of_another_language(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds.book, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / kinds.OWN).write_text("de: {every seed: [bei jedem Startwert]}\n", "utf-8")
    kinds._words.cache_clear()
    try:
        (problem,) = problems("effect", "Es lernt bei jedem Startwert schneller.", "de")
        assert "says 'bei jedem Startwert'" in problem
        assert problems("effect", "With every seed.", "en"), "the others stay"
    finally:
        kinds._words.cache_clear()


@pytest.mark.parametrize("kind", CALLS)
def test_each_kind_measures_its_claim_once(kind):
    text = page(kind, "It is faster.")
    assert kinds.measured(kinds.facts(text).cells) == [("one", kind, 19)]
    found = said(claims.claim_problems("p", text))
    assert not any("'one'" in problem for problem in found)
    twice = text.replace(CALLS[kind], CALLS[kind] + "\n" + CALLS["effect"])
    found = said(claims.claim_problems("p", twice))
    assert any("more than one measurement" in each for each in found)
