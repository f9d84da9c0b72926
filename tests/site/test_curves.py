"""Every figure of curves has its lab, each link of such a lab opens, and what it says is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bookwright import book
from bookwright.places import SITE
from tests.conftest import Visit
from tests.helpers_curves import Curves, values
from tests.helpers_labs import follow

CHAPTER = re.compile(r"(?P<page>[a-z_]+)-(?P<key>fig_\w+)\.csv")
DRAWN = sorted((SITE / book.LANGUAGES[0] / "figures").glob("*.csv"))
HAS_CURVES = """async (paths) => {
  const path = document.querySelector("[data-lab]").dataset.lab.replace(/[^/]+$/, "curves/data.js");
  const { panels } = await import(new URL(path, location.href));
  const found = [];
  for (const one of paths) {
    if (panels(await (await fetch(one)).text()).length) found.push(one);
  }
  return found;
}"""


class Data:
    """The CSV of a figure, as numbers."""

    def __init__(self, path: Path) -> None:
        self.panels: dict[str, dict[str, np.ndarray]] = {}
        for (panel, column), texts in values(path).items():
            of_panel = self.panels.setdefault(panel, {})
            of_panel[column] = np.array([float(text) for text in texts.values()])

    def __call__(self, panel: str, curve: str) -> np.ndarray:
        """A curve, or its mean."""
        return self.panels[panel][curve]

    def runs(self, panel: str, curve: str) -> np.ndarray:
        """All runs of a curve, shape (n_runs, n_places)."""
        runs = [
            values
            for name, values in self.panels[panel].items()
            if re.fullmatch(rf"{re.escape(curve)} run \d+", name)
        ]
        return np.array(runs)


def smoothed(curves: np.ndarray, around: int) -> np.ndarray:
    """Means over neighbours, as far as there are any; curves of shape (n_curves, n_places)."""
    ones = np.ones(2 * around + 1)
    counts = np.convolve(np.ones(curves.shape[1]), ones, "same")
    return np.array([np.convolve(curve, ones, "same") for curve in curves]) / counts


def spread(runs: np.ndarray) -> np.ndarray:
    return runs.max(axis=0) - runs.min(axis=0)


def rises(curves: np.ndarray) -> int:
    return int((np.diff(curves) > 0).sum())


def _lag_first(data: Data) -> bool:
    moving = data.runs("Validation loss", "momentum 0.99")[:, 0]
    true = data.runs("Validation loss", "true statistics")[:, 0]
    return bool((moving > 2.5).all() and (true < 1.6).all())


def _lag_last(data: Data) -> bool:
    moving, true = (
        data("Validation loss", name)[14] for name in ("momentum 0.99", "true statistics")
    )
    return moving < 1.2 * true


def _lag_layers(data: Data) -> bool:
    first, second = (data.runs("Moving / true variance", f"layer {k}") for k in (1, 2))
    return bool((first.min(axis=0) > second.max(axis=0)).all())


def _scaling_linear(data: Data) -> bool:
    raw, standardized = (data("Training loss", name) for name in ("raw", "standardized"))
    return raw[9] - raw[19] < 0.1 * raw[9] and raw[19] > 10 * standardized[19]


def _scaling_log(data: Data) -> bool:
    raw, standardized = (data("Training loss", name)[-1] for name in ("raw", "standardized"))
    lowest = data("Training loss", "")
    return raw > 4 * lowest[0] and standardized < 1.01 * lowest[0]


def _scaling_runs(data: Data) -> bool:
    runs = data.runs("Training loss", "standardized")
    arrived = (runs[:, 19] < 1.01 * runs[:, -1]).all()
    return bool(arrived and spread(runs)[-1] > 0.05 * runs[:, -1].min())


def _started(data: Data) -> bool:
    he, glorot, normal = (data("Training loss", name)[2] for name in ("He", "Glorot", "normal"))
    return he < glorot < normal


def _overfit(data: Data) -> bool:
    curves = [data("Validation loss", name) for name in ("uniform", "normal", "Glorot", "He")]
    return all(curve[-1] > curve.min() for curve in curves)


def _from_zeros(data: Data) -> bool:
    return all(
        (curve := data(f"{of} loss", "zeros"))[-1] > 0.9 * curve[0]
        for of in ("Training", "Validation")
    )


def _order_accuracies(data: Data) -> bool:
    both = np.array([data("Accuracy", f"{name}, validation") for name in ("before", "after")])
    return bool((spread(smoothed(both, 5)) < 0.05).all())


def _order_training(data: Data) -> bool:
    curves = [data("Loss", f"{name}, training") for name in ("before", "after")]
    return all(curve[-1] < 0.1 * curve[0] for curve in curves)


def _early(data: Data) -> bool:
    runs = data.runs("Cross-entropy", "validation")
    return bool((runs.argmin(axis=1) + 1 <= runs.shape[1] / 2).all())


def _accuracy_falls(data: Data) -> bool:
    mean = data("Accuracy", "validation")
    return mean.max() - 0.04 < mean[-1] < mean.max()


def _never_rests(data: Data) -> bool:
    mean = data("Cross-entropy", "training")
    return mean[-1] < 0.5 * mean[len(mean) // 2 - 1]


def _part_in_the_middle(data: Data) -> bool:
    apart = spread(data.runs("Loss", "training"))
    return apart[9] > 2 * apart[-1]


def _jumps(data: Data) -> bool:
    runs = data.runs("Loss", "validation")
    return rises(runs) > rises(smoothed(runs, 2))


def _starts_even(data: Data) -> bool:
    return bool((np.abs(data.runs("Accuracy", "validation")[:, 0] - 0.5) < 0.02).all())


def _after_costs(data: Data) -> bool:
    return data("Loss", "after, validation")[-1] > data("Loss", "before, validation")[-1]


# What the sentence after each link says, link by link, of the numbers of this build.
SAID: dict[tuple[str, str], list[Callable[[Data], bool]]] = {
    ("batchnorm", "fig_lag"): [_lag_first, _lag_last, _lag_layers],
    ("batchnorm_effects", "fig_order"): [_after_costs, _order_training, _order_accuracies],
    ("preprocessing", "fig_scaling"): [_scaling_linear, _scaling_log, _scaling_runs],
    ("regularization", "fig_overfitting"): [_early, _accuracy_falls, _never_rests],
    ("reuters", "fig_initializers"): [_started, _overfit, _from_zeros],
    ("rnn", "fig_rnn_training"): [_part_in_the_middle, _jumps, _starts_even],
}


@pytest.mark.parametrize(("page", "key"), SAID)
def test_what_the_links_say_is_so(page, key):
    path = SITE / book.LANGUAGES[0] / "figures" / f"{page}-{key}.csv"
    data = Data(path)
    assert [says.__name__ for says in SAID[page, key] if not says(data)] == []


@pytest.mark.live
@pytest.mark.parametrize("language", book.LANGUAGES)
@pytest.mark.parametrize(("page", "key"), SAID)
def test_each_link_of_a_figures_lab_sets_it(visit: Visit, language, page, key):
    opened = visit.open(f"{language}/{page}.html")
    lab = Curves(opened, key)
    links = lab.box.locator("ul a")
    assert links.count() == len(SAID[page, key])
    data = values(SITE / language / "figures" / f"{page}-{key}.csv")
    for number in range(links.count()):
        link = links.nth(number)
        wanted = dict(part.split(".", 1) for part in _settings(link.get_attribute("href")))
        follow(link, lab.box)
        assert not lab.told.is_visible(), lab.told.text_content()
        at = int(opened.locator(f"#lab-{key}-at").input_value())
        assert at == int(wanted["at"])
        panel = lab.figure().locator("figcaption").text_content()
        for curve, (value, *_) in lab.key(panel).items():
            assert value.split(" ")[0] == data[panel, curve].get(at, "–")
    assert visit.errors == []


def _settings(address: str) -> list[str]:
    return re.search(r"[?]lab=([^#]*)", address)[1].split("~")[2:]


def test_all_figures_of_curves_have_a_lab_and_no_others(visit: Visit):
    language = book.LANGUAGES[0]
    found = [CHAPTER.fullmatch(path.name) for path in DRAWN]
    names = [(each["page"], each["key"]) for each in found if each]
    page = visit.open(f"{language}/{next(iter(SAID))[0]}.html")
    curves = page.evaluate(HAS_CURVES, [f"figures/{page}-{key}.csv" for page, key in names])
    on_pages = []
    for name in dict.fromkeys(page for page, _ in names):
        text = (SITE / language / f"{name}.html").read_text(encoding="utf-8")
        keys = re.findall(r'data-lab="[^"]*/curves"[^>]* id="lab-(fig_\w+)"', text)
        keys += re.findall(r'id="lab-(fig_\w+)"[^>]* data-lab="[^"]*/curves"', text)
        on_pages += [f"figures/{name}-{key}.csv" for key in keys]
    assert sorted(on_pages) == sorted(curves)
    assert len(curves) > 10


def test_the_largest_figure_shows_a_change_within_half_a_second_on_a_slow_processor(visit: Visit):
    language = book.LANGUAGES[0]
    largest = max(DRAWN, key=lambda path: ("-fig_rep_" in path.name, path.stat().st_size))
    page, key = CHAPTER.fullmatch(largest.name).group("page", "key")
    lab = Curves(visit.open(f"{language}/{page}.html"), key).open()
    for control in ("smooth", "at"):
        seconds = lab.seconds(control)
        print(f"{control}: shown after {seconds:.2f} s")
        assert 0 < seconds < 0.5
