"""What of a page runs in the browser: what live cells need, and no more; the rest is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from bookwright.live import helpers, needs
from bookwright.source.facts import Cell

HELPER = '''"""Both."""

from __future__ import annotations

import keras
import numpy as np
from matplotlib.axes import Axes

from lessons_src import exercises
from lessons_src.small import EPSILON as tiny

UNUSED = keras.Model()


def log_loss(z: np.ndarray, ax: Axes | None = None) -> float:
    """Mean loss."""
    return float(np.mean(np.logaddexp(tiny, z)))


def model(n):
    return keras.Sequential(n)


def chart(values):
    import matplotlib.pyplot as plt

    return plt.plot(values)


def both(z):
    return model(log_loss(z))
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A helper package whose modules import at their tops what browsers do not have."""
    package = tmp_path / "lessons_src"
    package.mkdir()
    for name, text in {"__init__": "import keras\n", "mixed": HELPER}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    (package / "small.py").write_text("EPSILON = 1e-7\nOTHER = 2\n", encoding="utf-8")
    for name in ("claims", "report", "plotting", "exercises", "data"):
        (package / f"{name}.py").write_text("def load(): pass\n", encoding="utf-8")
    return tmp_path


def page(*sources: str, live: tuple[int, ...] = ()) -> list[Cell]:
    """Cells that stand 10 lines apart; those of these numbers are live, the last one always."""
    numbers = {*live, len(sources)}
    return [
        Cell(source, ("live",) if number in numbers else (), 10 * number)
        for number, source in enumerate(sources, start=1)
    ]


def of(folder: Path, cells: list[Cell]) -> needs.Live:
    return needs.of_cells("book/en/a.md", cells, folder)


def runs(folder: Path, *sources: str, live: tuple[int, ...] = ()) -> list[str]:
    """What runs for the last cell, itself included."""
    found = of(folder, page(*sources, live=live))
    assert not found.problems
    return [found.steps[k].source for k in found.steps[-1].needs] + [found.steps[-1].source]


def refused(folder: Path, *sources: str) -> list[str]:
    return [str(problem) for problem in of(folder, page(*sources)).problems]


def test_only_what_gives_the_names_of_a_live_cell_their_values_runs_before_it(folder):
    first = "import keras, time\nimport numpy as np\nkeras.utils.set_random_seed(0)\nRATE = 0.1"
    second = "model = keras.Sequential()\nx = np.ones(3)  # three\nprint(x)\nother = 2"
    assert runs(folder, first, second, "x * RATE") == [
        "import numpy as np",
        "RATE = 0.1",
        "x = np.ones(3)  # three",
        "x * RATE",
    ]


def test_what_is_set_in_numpy_is_set_in_the_browser_too(folder):
    steps = runs(folder, "import numpy as np\nnp.set_printoptions(precision=3)", "np.ones(3)")
    assert steps[1] == "np.set_printoptions(precision=3)"


def test_drawings_are_left_out(folder):
    first = "import numpy as np\nfrom lessons_src import plotting\nx = np.ones(3)"
    second = "plotting.draw(x)\nax = plotting.axes()\nax.plot(x)"
    assert runs(folder, first, second, "x.sum()") == [
        "import numpy as np",
        "x = np.ones(3)",
        "x.sum()",
    ]


def test_a_live_cell_above_runs_whole_with_what_it_needs(folder):
    steps = runs(folder, "a = 1\nb = 2", "c = a\nd = 4", "b + d", live=(2,))
    assert steps == ["a = 1", "b = 2", "c = a\nd = 4", "b + d"]


def test_a_live_cell_that_nothing_below_takes_from_does_not_run_for_it(folder):
    assert runs(folder, "a = 1", "a + 1", "a + 2", live=(2,)) == ["a = 1", "a + 2"]


def test_what_a_cell_binds_itself_is_not_asked_of_the_cells_above(folder):
    assert runs(folder, "x = slow()", "x = 1\nx + 1") == ["x = 1\nx + 1"]
    assert runs(folder, "x = 1", "x += 1") == ["x = 1", "x += 1"]


def test_a_statement_says_where_it_stands_in_its_cell(folder):
    live = of(folder, page("# First.\n\n@staticmethod\ndef f():\n    return 1\n", "f()"))
    assert [(step.cell, step.line) for step in live.steps] == [(1, 3), (2, 1)]
    assert live.steps[0].source.startswith("@staticmethod\ndef f")


def test_statements_that_share_a_line_are_told_apart(folder):
    assert runs(folder, "a = 1; b = [\n2]", "a") == ["a = 1", "a"]


def test_of_the_helper_package_only_the_parts_that_are_taken_go_along(folder):
    live = of(folder, page("from lessons_src import mixed", "mixed.log_loss(1)"))
    assert not live.problems
    code = live.cut.modules["lessons_src/mixed.py"]
    assert "def log_loss(z, ax=None):" in code
    assert "import numpy as np" in code
    assert "keras" not in code
    assert "matplotlib" not in code
    assert live.cut.modules["lessons_src/small.py"].splitlines()[1:] == ["EPSILON = 1e-07"]
    assert live.cut.modules["lessons_src/__init__.py"] == ""
    assert {path.name for path in live.cut.used} == {"mixed.py", "small.py"}


def test_what_the_parts_give_is_what_the_modules_give():
    source = "from lessons_src.encoding import one_hot\none_hot([1, 0], 3).tolist()"
    live = needs.of_cells("book/en/a.md", page(source))
    names: dict = {}
    exec(compile(live.cut.modules["lessons_src/encoding.py"], "cut", "exec"), names)
    assert names["one_hot"]([1, 0], 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert "scipy" not in names


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (
            ("import keras", "a = 1\nm = keras.Model()", "m"),
            "book/en/a.md:21: `keras` takes keras, which browsers do not have "
            "(for the live cell of line 30): take the tag `live` away, or let the cell do without",
        ),
        (
            ("from lessons_src import mixed", "mixed.both(1)"),
            "book/en/a.md:20: `mixed.both` takes keras, which browsers do not have: "
            "take the tag `live` away, or let the cell do without",
        ),
        (
            ("import matplotlib.pyplot as plt", "plt.plot([1])"),
            "book/en/a.md:20: `plt` takes matplotlib, which",
        ),
        (("from scipy.special import expit", "expit(0)"), "a.md:20: `expit` takes scipy, which"),
        (("from scipy import sparse", "sparse.eye(2)"), "a.md:20: `sparse.eye` takes scipy, which"),
        (("def f():\n    import tensorflow", "f()"), "a.md:11: `import tensorflow` takes tensor"),
        (
            ("from lessons_src import data", "x = data.load()", "x"),
            "book/en/a.md:20: `data.load` takes the data, which browsers do not have (for",
        ),
        (("from lessons_src import mixed", "mixed.chart(1)"), "`mixed.chart` takes matplotlib, w"),
        (
            ("from lessons_src import plotting", "plotting.x(1)"),
            "takes lessons_src.plotting, w",
        ),
        (("import lessons_src.mixed", "lessons_src.mixed"), "only from ... import is followed"),
    ],
)
def test_what_browsers_do_not_have_is_refused_where_it_is_taken(folder, sources, said):
    [problem] = refused(folder, *sources)
    assert said in problem


def test_a_live_cell_can_be_seen(folder):
    cells = page("a = 1")
    cells = [cells[0]._replace(tags=("live", "remove-cell"))]
    assert "a.md:10: a live cell has to be seen" in str(of(folder, cells).problems[0])


def test_a_page_without_live_cells_needs_nothing(folder):
    assert of(folder, [Cell("import keras", (), 10)]) == ([], ({}, set(), []), [])


def test_the_stand_ins_show_values_and_never_raise(capsys):
    names: dict = {}
    for name in ("claims", "report"):
        text = (helpers.STAND_INS / f"{name}.py").read_text(encoding="utf-8")
        module = type(helpers)(name)
        exec(compile(text, name, "exec"), module.__dict__)
        names[name] = module
    claims, report = names["claims"], names["report"]
    assert claims.seeds(3) == [0, 1, 2]
    claims.effect("grows", [0.25, 1 / 3], seeds=[0, 1], of="loss", above=None)
    claims.identity("same", object(), within=0)
    claims.whatever()
    claims.effect("by-sample", [[0.0, 1.0], [1.0, 1.0]], seeds=[0, 1], above=0.1)
    report.glue(rate=0.5)
    report.glue_figure("fig", None)
    report.end_page()
    first, second, third, fourth, last = capsys.readouterr().out.splitlines()
    assert first == "grows: 0.25, 0.333333 (of loss)"
    assert second.startswith("same: <object object")
    assert second.endswith("(within 0)")
    assert third == "claim: "
    assert fourth == "by-sample: 0.5, 1 (above 0.1)"
    assert last == "rate = 0.5"


def test_in_the_browser_a_sparse_array_holds_what_scipys_holds():
    source = "from scipy import sparse\nsparse.csr_array"
    live = needs.of_cells("book/en/a.md", page(source))
    names: dict = {}
    exec(compile(live.cut.modules["scipy/sparse.py"], "cut", "exec"), names)
    rng = np.random.default_rng(0)
    begins = np.array([0, 2, 2, 5, 6])  # the second row holds nothing
    rows = rng.normal(size=6).astype("float32"), rng.integers(0, 4, size=6), begins
    ours, theirs = names["csr_array"](rows, shape=(4, 4)), sparse.csr_array(rows, shape=(4, 4))
    np.testing.assert_array_equal(ours, theirs.toarray())  # a column twice in a row: the sum
    assert ours.dtype == np.float32
