"""The lab on reviews answers as the networks that this build trained, and its links hold."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from playwright.sync_api import Page

from bookwright import book
from bookwright.labs import files
from tests.conftest import Visit
from tests.helpers_labs import Lab

BAG, RECURRENT = 0, 1


@pytest.fixture(params=book.LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def page(visit: Visit, language: str) -> Page:
    return visit.open(f"{language}/rnn.html")


@pytest.fixture
def given(page: Page, visit: Visit, language: str) -> dict:
    kept = page.locator("#lab-review").get_attribute("data-glued")
    answer = page.request.get(f"{visit.address}/{language}/{kept}")
    return json.loads(answer.text())


def by_numpy(given: dict, words: list[str]) -> tuple[float, float]:
    """Both answers of the page's networks, from the weights that it published."""
    weights = {name: np.array(values, np.float32) for name, values in given["weights"].items()}
    n_units = len(weights["b1"])
    w1x, w1h = (weights[name].reshape(-1, n_units) for name in ("w1x", "w1h"))
    ids = [given["ids"][word] for word in words]
    marked = np.zeros(len(weights["bag"]))
    marked[ids] = 1
    h = np.zeros(n_units)
    for word in [0] * (given["n_timesteps"] - len(ids)) + ids:
        h = np.tanh(w1x[word] + h @ w1h + weights["b1"])
    scores = marked @ weights["bag"] + weights["bag_bias"], h @ weights["w2"] + weights["b2"]
    bag, recurrent = (float(1 / (1 + np.exp(-score[0]))) for score in scores)
    return bag, recurrent


def answers(lab: Lab) -> list[list[float]]:
    """For each review what stands above its drawing: the bag's answer, the recurrent network's."""
    shown = lab.box.locator(".lab-figure p:nth-of-type(2)").all_inner_texts()
    return [[float(number) for number in re.findall(r"\d+(?:\.\d+)?", said)] for said in shown]


def write(lab: Lab, language: str, *texts: str) -> None:
    """Writes a review, and another one."""
    words = files.lab("review").words[language]["controls"]
    for name, text in zip(("sentence", "other"), texts, strict=True):
        lab.control(words[name]).fill(text)
    lab.ended()


def test_the_weights_are_those_of_the_networks_that_the_page_trained(given):
    found = [by_numpy(given, text.split()) for text in given["answers"]["texts"]]
    expected = [given["answers"]["bag"], given["answers"]["recurrent"]]
    np.testing.assert_allclose(found, np.transpose(expected), atol=1e-5)  # theirs are of 32 bits


def test_the_lab_answers_as_those_networks(page, given, language):
    lab = Lab(page, "review")
    lab.opener.click()
    lab.ended()
    write(lab, language, "The BEST film I have ever seen!", "Don’t watch: no plot, bad acting...")
    texts = ["best film have ever seen", "don't watch no plot bad acting"]
    expected = [by_numpy(given, text.split()) for text in texts]
    np.testing.assert_allclose(answers(lab), expected, rtol=5e-3)  # three digits are shown


def test_another_order_changes_the_recurrent_networks_answer_alone(page):
    lab = Lab(page, "review")
    lab.follow(0)
    one, other = answers(lab)
    assert one[BAG] == other[BAG]
    assert one[RECURRENT] != other[RECURRENT]


def test_a_repeated_word_changes_the_recurrent_networks_answer_alone(page):
    lab = Lab(page, "review")
    lab.follow(1)
    one, other = answers(lab)
    assert one[BAG] == other[BAG]
    assert one[RECURRENT] != other[RECURRENT]


def test_of_unknown_words_there_is_the_answer_to_nothing(page, given):
    lab = Lab(page, "review")
    lab.follow(2)
    one, other = answers(lab)
    assert one == other
    np.testing.assert_allclose(one, by_numpy(given, []), rtol=5e-3)


def test_it_is_loaded_when_opened_and_nothing_comes_from_elsewhere(page, visit):
    before = [each for each in visit.requests if "lab-values" in each or "/labs/" in each]
    lab = Lab(page, "review")
    lab.opener.click()
    lab.ended()
    assert before == []
    assert any("lab-values" in each for each in visit.requests)
    assert all(each.startswith(visit.address) for each in visit.requests)
    assert visit.errors == []
