"""What leaves a page's cells: it comes back as it was, and a figure is the same in every run."""

import importlib
import json
import math
import platform
import subprocess
import sys
import types

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from bookwright import glue
from lessons_src import contract, report


@pytest.fixture
def notebook(monkeypatch):
    """A notebook whose only cell shows what the test displays."""
    cell = nbformat.v4.new_code_cell()

    def display(data, raw, metadata):
        assert raw
        cell.outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))

    for module in (contract, report):
        monkeypatch.setattr(module, "display", display)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("prose"), cell])


VALUES = {
    "number": 0.1 + 0.2,
    "count": 46,
    "text": "주제 'earn'",
    "flag": True,
    "nothing": None,
    "nested": {"losses": [1.5, 2.5], "names": ["a", "b"]},
}


def test_what_is_glued_comes_back_as_it_was(notebook):
    report.glue(**VALUES)
    assert glue.of_notebook(nbformat.reads(nbformat.writes(notebook), as_version=4)) == VALUES


def test_numpy_values_come_back_as_plain_ones(notebook):
    report.glue(
        scalar=np.float32(0.5),
        count=np.int64(7),
        flag=np.bool_(True),
        array=np.arange(6).reshape(2, 3),
        zero_dimensional=np.array(2.5),
        within={"mean": np.float64(1.5)},
    )
    found = glue.of_notebook(notebook)
    assert found == {
        "scalar": 0.5,
        "count": 7,
        "flag": True,
        "array": [[0, 1, 2], [3, 4, 5]],
        "zero_dimensional": 2.5,
        "within": {"mean": 1.5},
    }
    assert type(found["count"]) is int


def test_the_last_value_of_a_name_counts(notebook):
    report.glue(x=1)
    report.glue(x=2)
    assert glue.of_notebook(notebook) == {"x": 2}


@pytest.mark.parametrize(
    "value", [math.nan, -math.inf, np.float32("nan"), [1.0, math.inf], np.array([1, np.nan])]
)
def test_a_number_that_is_not_finite_is_refused(notebook, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        report.glue(x=value)
    assert glue.of_notebook(notebook) == {}


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_what_json_cannot_hold_is_refused(notebook, value):
    with pytest.raises(TypeError, match=f"got {type(value).__name__}"):
        report.glue(x=value)


def draw(values=(1, 2, 3)):
    figure, ax = plt.subplots()
    ax.plot(values)
    ax.set_title("A title")
    ax.fill_between(range(3), values, alpha=0.2)
    return figure


def svg(notebook, number):
    shown = [output.data for output in notebook.cells[1].outputs]
    return [data["image/svg+xml"] for data in shown if "image/svg+xml" in data][number]


def test_a_figure_brings_its_data_along(notebook):
    report.glue_figure("fig", draw((1, 2, 4)))
    (table,) = glue.of_notebook(notebook)["figure:fig"]
    assert [row[:2] for row in table["rows"]] == [[0, 1], [1, 2], [2, 4]]


def test_the_data_of_a_figure_can_be_handed_over(notebook):
    figure, ax = plt.subplots()
    ax.pie([1, 2])
    report.glue_figure("fig", figure, tables=[])
    assert glue.of_notebook(notebook) == {"figure:fig": []}


def test_a_figure_whose_data_cannot_be_read_is_refused_by_its_name(notebook):
    figure, ax = plt.subplots()
    ax.pcolormesh(np.eye(2))
    with pytest.raises(ValueError, match=r"^fig_loss: the data of a QuadMesh"):
        report.glue_figure("fig_loss", figure)
    assert notebook.cells[1].outputs == []


def test_two_figures_of_the_same_code_are_the_same_to_the_byte(notebook):
    for _ in range(2):
        report.glue_figure("fig", draw())
    report.glue_figure("fig", draw((3, 2, 1)))
    assert svg(notebook, 0) == svg(notebook, 1) != svg(notebook, 2)
    assert svg(notebook, 0).lstrip().startswith("<?xml")


def test_a_glued_figure_is_closed_and_shown_under_its_name(notebook):
    before, settings = plt.get_fignums(), dict(mpl.rcParams)
    report.glue_figure("fig", draw())
    assert plt.get_fignums() == before
    assert dict(mpl.rcParams) == settings
    _, output = notebook.cells[1].outputs
    assert output.metadata.scrapbook == {"name": "fig", "mime_prefix": ""}
    assert set(glue.of_notebook(notebook)) == {"figure:fig"}


def test_a_real_kernel_hands_over_values_evidence_and_figures(tmp_path):
    code = """
        from lessons_src import claims, report
        import matplotlib.pyplot as plt
        import numpy as np
        report.glue(share=np.float64(0.25), name="주제")
        claims.effect("faster", [1, 2, 3], seeds=[0, 1, 2], above=0.5)
        report.glue_figure("fig", plt.figure())
    """
    source = "\n".join(line.strip() for line in code.strip().splitlines())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    found = glue.of_notebook(notebook)
    assert (found["share"], found["name"]) == (0.25, "주제")
    assert found["claim:faster"]["values"] == [1.0, 2.0, 3.0]
    shown = [output for output in notebook.cells[0].outputs if "image/svg+xml" in output.data]
    assert [output.metadata.scrapbook.name for output in shown] == ["fig"]
    hidden = [output for output in notebook.cells[0].outputs if output not in shown]
    assert all("text/plain" not in output.data for output in hidden), "values do not show"


def test_peak_memory_grows_with_an_array_that_is_touched_and_never_falls():
    code = (
        "from lessons_src import report; import numpy as np; peaks = [report.peak_memory()]; "
        "x = np.ones(25_000_000); peaks.append(report.peak_memory()); "
        "del x; peaks.append(report.peak_memory()); print(peaks)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, during, after = json.loads(done.stdout)
    assert 10e6 < before < 100e9
    assert during - before == pytest.approx(200e6, rel=0.02), "1 MB is 1,000,000 bytes"
    assert after == pytest.approx(during, rel=0.01), "freed memory was held all the same"


def test_versions_are_those_of_the_modules_that_pages_import():
    found = report.versions()
    assert found.pop("python") == platform.python_version()
    assert set(found) == {"tensorflow", "keras", "numpy", "scipy", "matplotlib"}
    for name, version in found.items():
        assert version == importlib.import_module(name).__version__


def test_the_record_of_a_run_says_when_with_what_and_at_what_cost(notebook):
    dataset = types.SimpleNamespace(source="directory", sha256={"reuters.npz": "d658"})
    report.end_page(dataset)
    run = glue.of_notebook(notebook)["run"]
    assert run["data"] == {"source": "directory", "sha256": {"reuters.npz": "d658"}}
    assert run["versions"] == report.versions()
    assert run["seconds"] >= 0
    assert 10e6 < run["peak_memory_bytes"] < 100e9
    year, month, day = map(int, run["date"].split("-"))
    assert year > 2024
    assert 1 <= month <= 12
    assert 1 <= day <= 31
