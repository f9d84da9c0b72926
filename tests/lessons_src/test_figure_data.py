"""The numbers read back from a drawing are those that were drawn."""

import io
import json

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lessons_src import figure_data, plotting, report

pytestmark = pytest.mark.usefixtures("no_figure_left")


@pytest.fixture
def ax():
    return plt.subplots()[1]


def table(ax):
    (found,) = figure_data.tables(ax.figure)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def test_learning_curves_give_means_ranges_and_each_run_over_the_epochs():
    rng = np.random.default_rng(0)
    runs = {"training": rng.random((3, 4)), "validation": rng.random((3, 4))}
    found = table(plotting.learning_curves(runs, ylabel="Loss"))
    assert (found["caption"], found["head"]) == ("Loss", "Epoch")
    of_curve = {"": np.mean, "lowest": np.min, "highest": np.max}
    of_curve |= {f"run {k + 1}": lambda runs, axis, k=k: runs[k] for k in range(3)}
    assert found["columns"] == [[name, part] for name in runs for part in of_curve]
    expected = [of_curve[part](runs[name], axis=0) for name, part in found["columns"]]
    rows = np.array(found["rows"])
    assert rows[:, 0].tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(rows[:, 1:].T, expected, rtol=1e-5)


def test_single_runs_are_in_the_data_and_change_nothing_that_is_seen(ax):
    x, runs = np.arange(1, 4), np.random.default_rng(0).random((2, 3))

    def drawing():
        text = io.StringIO()
        with plt.rc_context({"svg.hashsalt": ""}):
            ax.figure.savefig(text, format="svg", metadata={"Date": None})
        return text.getvalue()

    plotting.band(ax, x, runs, "red")  # before its line, whose name it takes
    ax.plot(x, runs.mean(axis=0), color="red", label="a")
    ax.plot(x, x)
    seen = drawing()
    found = table(ax)
    names = [["a", part] for part in ("", "lowest", "highest", "run 1", "run 2")]
    assert found["columns"] == [*names, ["curve 2", ""]]
    for line in [line for line in ax.lines if not line.get_visible()]:
        line.remove()
    assert drawing() == seen


def test_a_logarithmic_axis_is_told(ax):
    ax.plot([1, 2], [1, 10])
    assert "log" not in table(ax)
    ax.set_yscale("log")
    assert table(ax)["log"] is True


def test_curves_over_different_places_share_one_table(ax):
    ax.plot([1, 2], [10, 20], label="a")
    ax.plot([2, 3], [0.25, np.nan], label="b")
    assert table(ax)["rows"] == [[1, 10, None], [2, 20, 0.25], [3, None, None]]


def test_a_curve_without_a_name_is_numbered_and_the_legends_are_plain_words(ax):
    ax.plot([1, 2], [1, 2])
    ax.plot([1, 2], [3, 4], label="$W_h$ of\nthe cell")
    assert table(ax)["columns"] == [["curve 1", ""], ["W_h of the cell", ""]]


def test_points_that_share_a_place_stay_points(ax):
    ax.scatter([1, 1, 2], [5, 6, 7], label="run")
    found = table(ax)
    assert found["rows"] == [[1, 5], [1, 6], [2, 7]]
    assert found["columns"] == [["run", ""]]


def test_a_curve_that_turns_back_keeps_its_order_in_a_table_of_its_own(ax):
    ax.plot([3, 1, 2], [5, 6, 7], label="path")
    ax.plot([3, 2, 1], [1, 2, 3], label="straight")
    ax.plot([1, 3, 2], [4, 5, 6], "o", label="dots")
    path, others = figure_data.tables(ax.figure)
    assert path["columns"] == [["path", ""]]
    assert path["rows"] == [[3, 5], [1, 6], [2, 7]]
    assert others["rows"] == [[1, 3, 4], [2, 2, 6], [3, 1, 5]]


def test_a_line_across_the_axes_is_a_mark_and_no_curve(ax):
    ax.plot([1, 2], [3, 4])
    ax.axhline(0.5)
    ax.axvline(1.5)
    ax.axhspan(1, 2)
    found = table(ax)
    assert found["columns"] == [["curve 1", ""]]
    assert found["marks"] == [["horizontal", 0.5], ["vertical", 1.5]]


def test_a_histogram_of_stairs_has_its_bins(ax):
    values = np.random.default_rng(0).normal(size=100)
    counts, edges = np.histogram(values, bins=[-1, 0, 0.5, 1])
    ax.stairs(counts, edges, label="unit 1")
    bins = ["-1 to 0", "0 to 0.5", "0.5 to 1"]
    assert table(ax)["rows"] == [[name, n] for name, n in zip(bins, counts, strict=True)]


@pytest.mark.parametrize("across", [False, True])
def test_bars_have_the_words_that_stand_at_them(ax, across):
    (ax.barh if across else ax.bar)(range(3), [30, 20, 10])
    (ax.set_yticks if across else ax.set_xticks)(range(3), ["earn", "acq", "trade"])
    ax.set(**{"xlabel": "Newswires", "ylabel": "Topic"} if across else {"xlabel": "Topic"})
    found = table(ax)
    assert found["rows"] == [["earn", 30], ["acq", 20], ["trade", 10]]
    assert found["head"] == "Topic"


def test_a_logarithmic_axis_keeps_its_numbers_whatever_its_ticks_say(ax):
    ax.plot([2000, 5000], [1, 2])
    ax.set_xscale("log")
    ax.set_xticks([2000, 5000], ["2k", "5k"])
    assert [row[0] for row in table(ax)["rows"]] == [2000, 5000]


def test_an_image_is_a_table_with_the_words_of_both_axes(ax):
    image = ax.imshow([[0.9, 0.1], [0.25, 0.75]])
    ax.set(xlabel="Predicted", ylabel="True")
    ax.set_xticks([0, 1], ["p", "q"])
    ax.set_yticks([0, 1], ["earn", "acq"])
    ax.figure.colorbar(image, ax=ax, label="Share")
    found = table(ax)
    assert found["head"] == "True / Predicted"
    assert found["columns"] == [["p", ""], ["q", ""]]
    assert found["rows"] == [["earn", 0.9, 0.1], ["acq", 0.25, 0.75]]
    assert found["caption"].endswith("Share"), "the colour bar says what the numbers are"


def test_an_image_with_an_extent_has_the_middles_of_its_cells(ax):
    ax.imshow([[1, 2], [3, 4]], extent=(-1, 1, 2.5, 0.5))
    found = table(ax)
    assert found["columns"] == [["-0.5", ""], ["0.5", ""]]
    assert found["rows"] == [[1, 1, 2], [2, 3, 4]]


def test_a_grid_is_labelled_by_what_stands_at_its_edges():
    figure, axes = plt.subplots(2, 2, sharex=True, sharey=True)
    for ax in axes.flat:
        ax.plot([1, 2])
    axes[0, 1].set_title("tanh")
    axes[1, 0].set_ylabel("glorot")
    figure.supxlabel("Activation")
    found = figure_data.tables(figure)
    assert [one["caption"] for one in found] == ["", "tanh", "glorot", "tanh, glorot"]
    assert {one["head"] for one in found} == {"Activation"}


def test_axes_that_share_nothing_lend_each_other_no_labels():
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2])
    left.set_ylabel("Loss")
    right.plot([1, 2])
    assert [one["caption"] for one in figure_data.tables(figure)] == ["Loss", ""]


def test_a_diagram_without_scale_has_no_data(ax):
    ax.plot([1, 2], [1, 2])
    ax.set_axis_off()
    assert figure_data.tables(ax.figure) == []


def test_axes_that_draw_nothing_are_refused(ax):
    ax.set_title("empty")
    with pytest.raises(ValueError, match=r"'empty' draw nothing: add a curve, or .*set_axis_off"):
        figure_data.tables(ax.figure)


@pytest.mark.parametrize(
    ("draw", "kind"),
    [
        (lambda ax: ax.pcolormesh(np.eye(3)), "QuadMesh"),
        (lambda ax: ax.pie([1, 2]), "Wedge"),
        (lambda ax: ax.hlines([1, 2], 0, 1), "LineCollection"),
        (lambda ax: ax.errorbar([1, 2], [1, 2], yerr=1), "Line2D|LineCollection"),
        (lambda ax: ax.imshow(np.zeros((2, 2, 3))), "AxesImage"),
        (lambda ax: ax.fill_betweenx([1, 2, 3], [0, 1, 2], [1, 4, 5]), "Poly"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_do(ax, draw, kind):
    draw(ax)
    ax.set_axis_on()
    with pytest.raises(ValueError, match=rf"data of a \w*({kind}).* hand the table over"):
        figure_data.tables(ax.figure)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"marks": None}, "table 1 lacks marks"),
        ({"columns": ["loss"]}, r"table 1: expected columns \[name, part\], got loss"),
        ({"rows": [[1, 0.5, 0.6]]}, "table 1: expected a place and 1 values in each row"),
    ],
)
def test_tables_that_are_laid_out_in_another_way_are_refused_with_the_figures_name(
    published, change, message
):
    table = {"caption": "", "head": "x", "columns": [["y", ""]], "rows": [[1, 2]], "marks": []}
    table = {name: value for name, value in (table | change).items() if value is not None}
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match=f"fig_a: {message}"):
        report.glue_figure("fig_a", figure, tables=[table])
    plt.close(figure)
