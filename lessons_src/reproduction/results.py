"""What the sources print, beside what the same trainings give today over five seeds.

`make reproduce` writes the record; the sources' figures lie beside it in `published/`.
"""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from matplotlib.figure import Figure

from lessons_src import plotting
from lessons_src.reproduction.comparison import Comparison

FOLDER = Path(__file__).parent / "published"
RECORD = FOLDER / "record.json"
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
# What of a training's log is compared, beside its length: which metric, at which epoch.
COMPARED = (
    ("loss", "first"),
    ("val_loss", "first"),
    ("loss", "last"),
    ("accuracy", "last"),
    ("val_loss", "last"),
    ("val_accuracy", "last"),
    ("val_loss", "best"),
    ("val_accuracy", "best"),
)
VERDICTS = ("reproduced", "optimizer", "cause", "differs", "not-comparable")


class Row(NamedTuple):
    """One printed result: where it stands, what it is, and what we found."""

    source: str
    place: str
    run: str | None
    what: dict[str, str] | tuple[str, str]  # names in both languages, or metric and epoch
    published: Any
    ours: Any  # a Comparison, or one value that can only be equal or not; None if there is none
    verdict: str  # one of VERDICTS
    by_rule: dict[str, Comparison] | None = None  # "keras3" and, if there is one, "keras2"
    why: str | None = None


@functools.cache
def record() -> dict[str, Any]:
    """The committed record: `made_with`, `facts`, `runs`.

    Raises:
        FileNotFoundError: It is not there.
    """
    if not RECORD.exists():
        raise FileNotFoundError(f"{RECORD} is missing: make it with `make reproduce`")
    return json.loads(RECORD.read_text(encoding="utf-8"))


@functools.cache
def _read(name: str) -> Any:  # noqa: ANN401
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@functools.cache
def logs() -> dict[str, dict[str, list[str]]]:
    """The sources' training logs as printed: by run and metric, one text an epoch."""
    found: dict[str, dict[str, list[str]]] = {}
    with (FOLDER / "logs.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            run = found.setdefault(line["run"], {metric: [] for metric in METRICS})
            for metric in METRICS:
                run[metric].append(line[metric])
    return found


def curves(run: str, metric: str, rule: str = "keras3") -> list[np.ndarray]:
    """Our curves of one training, one of shape (n_epochs,) for each seed.

    Args:
        run: A training, such as "000-default".
        metric: One of `METRICS`.
        rule: "keras3", or "keras2" for RMSprop with the steps of the sources' Keras.
    """
    return [np.array(one["history"][metric]) for one in record()["runs"][run][rule]]


def _pick(curve: Sequence[float] | np.ndarray, metric: str, epoch: str) -> float:
    values = np.asarray(curve, dtype=float)
    best = values.min if metric.endswith("loss") else values.max
    return float({"first": values[0], "last": values[-1], "best": best()}[epoch])


def _digits(text: str) -> int:
    return len(text.partition(".")[2])


def _judged(
    published: float, digits: int, ours: dict[str, np.ndarray]
) -> tuple[Comparison, str, dict[str, Comparison]]:
    """Comparison to show, verdict, all comparisons: with today's steps, else with those of then."""
    found = {rule: Comparison(published, digits, values) for rule, values in ours.items()}
    for verdict, rule in (("reproduced", "keras3"), ("optimizer", "keras2")):
        if rule in found and found[rule].inside:
            return found[rule], verdict, found
    return found["keras3"], "differs", found


def _explained(
    run: str, metric: str, epoch: str, shown: Comparison
) -> tuple[Comparison, str] | None:
    """The comparison with what causes.yml says the source shows instead, if that is inside."""
    for cause in causes():
        if (cause["run"], cause["metric"], cause["epoch"]) != (run, metric, epoch):
            continue
        found = shown._replace(ours=np.array(record()["measures"][cause["measure"]]))
        if found.inside:
            return found, cause["why"]
    return None


def _log_rows(run: str, about: dict[str, str]) -> list[Row]:
    source, log = run[:3], logs()[run]
    trained, rows = record()["runs"][run], []
    for metric, epoch in COMPARED:
        published = _pick([float(text) for text in log[metric]], metric, epoch)
        ours = {
            rule: np.array([_pick(curve, metric, epoch) for curve in curves(run, metric, rule)])
            for rule in trained
        }
        shown, verdict, by_rule = _judged(published, _digits(log[metric][0]), ours)
        why = None
        if verdict == "differs" and (explained := _explained(run, metric, epoch, shown)):
            (shown, why), verdict = explained, "cause"
        what = (metric, epoch)
        rows.append(Row(source, about["place"], run, what, published, shown, verdict, by_rule, why))
    lengths = {
        rule: np.array([len(curve) for curve in curves(run, "loss", rule)], dtype=float)
        for rule in trained
    }
    if any(values.std() > 0 for values in lengths.values()):  # early stopping decided
        judged = _judged(len(log["loss"]), 0, lengths)
        rows.append(Row(source, about["place"], run, ("epochs", "last"), len(log["loss"]), *judged))
    return rows


def _of_runs(path: str) -> dict[str, np.ndarray]:
    """The last value of what a path such as runs.001-bottleneck.test.loss names, for each seed."""
    _, run, part, name = path.split(".")
    return {
        rule: np.array([float(np.ravel(one[part][name])[-1]) for one in found])
        for rule, found in record()["runs"][run].items()
    }


def _printed_row(entry: dict[str, Any]) -> Row:
    what = {language: entry[language] for language in ("ko", "en")}
    published, path = entry["value"], entry.get("ours", "")
    source, place = entry["source"], entry["place"]
    if "why" in entry:
        return Row(source, place, None, what, published, None, "not-comparable", why=entry["why"])
    if path.startswith("runs."):
        run = path.split(".")[1]
        judged = _judged(float(published), min(_digits(repr(published)), 7), _of_runs(path))
        return Row(source, place, run, what, published, *judged)
    _, function, name = path.split(".")
    ours = record()["facts"][function][name]
    if isinstance(ours, list) and isinstance(published, float):  # one value for each seed
        compared = Comparison(published, 7, np.array(ours))
        return Row(source, place, None, what, published, compared, _verdict(compared.inside))
    verdict, why = _verdict(ours == published), None
    if verdict == "differs" and record()["facts"][function].get("order_differs"):
        verdict, why = "cause", "order"  # the same texts, in another order
    return Row(source, place, None, what, published, ours, verdict, why=why)


def _verdict(same: bool) -> str:
    return "reproduced" if same else "differs"


def runs() -> dict[str, dict[str, str]]:
    """The sources' trainings: place, and name in both languages."""
    return _read("runs.yml")


def causes() -> list[dict[str, str]]:
    """What may explain a result that differs: `run`, `metric`, `epoch`, `why` and `measure`."""
    return _read("causes.yml")


def printed() -> list[dict[str, Any]]:
    """What the sources print beside their logs, as results.yml holds it."""
    return _read("results.yml")


def rows() -> list[Row]:
    """Every result that the sources print, in their order, judged."""
    found = [_printed_row(entry) for entry in printed()]
    for run, about in runs().items():
        if run in logs():
            found += _log_rows(run, about)
    return sorted(found, key=lambda row: row.source)


def overlay(names: Sequence[str], titles: Sequence[str]) -> Figure:
    """Draws the sources' curves as dots over the range of our seeds, one row a training.

    Args:
        names: Trainings with a printed log.
        titles: What to write over each.

    Returns:
        A figure with the training loss on the left and the validation loss on the right; one
        band for today's RMSprop and one, hatched, for that of the sources' Keras.
    """
    figure, first = plotting.subplots(width=6.8, height=2.3 * len(names))
    first.remove()
    axes = figure.subplots(len(names), 2, squeeze=False)
    for row, name, title in zip(axes, names, titles, strict=True):
        for ax, metric in zip(row, ("loss", "val_loss"), strict=True):
            for number, rule in enumerate(("keras3", "keras2")):
                _band(ax, curves(name, metric, rule), rule, number)
            published = [float(text) for text in logs()[name][metric]]
            epochs = range(1, len(published) + 1)
            ax.plot(epochs, published, "k.", markersize=4, label="source", zorder=3)
            ax.set_title(f"{title}\n{metric}", fontsize=10)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(visible=True, alpha=0.3)
    figure.supxlabel("Epoch")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def _band(ax: Any, found: list[np.ndarray], rule: str, number: int) -> None:  # noqa: ANN401
    shortest = min(len(curve) for curve in found)
    together = np.array([curve[:shortest] for curve in found])
    epochs = np.arange(1, shortest + 1)
    color = plotting.COLORS[number]
    plotting.band(ax, epochs, together, color, hatch="" if number == 0 else "////")
    label = {"keras3": "Keras 3 RMSprop", "keras2": "Keras 2.10 RMSprop"}[rule]
    style = "-" if number == 0 else "--"
    ax.plot(epochs, together.mean(axis=0), style, color=color, linewidth=1.3, label=label)
