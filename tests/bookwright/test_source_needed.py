"""Which changes of a page or its helper package change what a claim is measured by."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from bookwright.source import changes, needed

TRAINING = '''"""Trains."""

import math

from helper import feed
from helper.losses import cross_entropy as loss

RATE = 0.1
UNUSED = 1
TABLE = {}
TABLE["steps"] = 3


def train(seed, data):
    """Trains a model.

    In so many words.
    """
    # A comment.
    model = Model(seed)
    for batch in feed.batches(data):
        model.step(batch, RATE * TABLE["steps"])
    return loss(model)


class Model(_base := object):
    """A model."""

    def __init__(self, seed):
        self.weight = math.sin(seed)

    def step(self, batch, rate):
        """One step."""
        self.weight -= rate * batch


def other(x):
    return x + UNUSED
'''
FEED = """def batches(data):
    return _split(data, 2)


def _split(data, n):
    return [sum(data[i::n]) for i in range(n)]


def unused():
    return 1
"""
LOSSES = "def cross_entropy(model):\n    return model.weight ** 2\n"
PLOTTING = "def curves(values):\n    return values\n"
HELPER = {"training": TRAINING, "feed": FEED, "losses": LOSSES, "plotting": PLOTTING}

FIRST = """import numpy as np
import matplotlib.pyplot as plt
from helper import claims, plotting, report, training
from helper.training import train

np.random.seed(0)
SEEDS = claims.seeds(3)
SCALE = 2.0
data = [1, 2, 3]
data.append(4)


def measure(seed):
    \"\"\"Measures.\"\"\"
    return SCALE * train(seed, data)  # twice


def beside(seed):
    return seed
"""
SECOND = """found = []
for seed in SEEDS:
    found.append(measure(seed))
found = np.array(found)
others = [beside(seed) for seed in SEEDS]
report.glue(mean=found.mean(), first=found.tolist()[0])
print(f"{found.mean():.2f}", others)
claims.effect("two", np.subtract(others, found.min()), seeds=SEEDS, of="loss")
"""
THIRD = """figure, axes = plt.subplots()
axes.scatter(SEEDS, found)
axes.set_title("A figure")
axes.legend()
plt.tight_layout()
plotting.curves(found)
claims.effect("one", found - found.max(), seeds=SEEDS, of="loss")
claims.every_seed("three", found, seeds=SEEDS, above=1)
claims.fact("four", 3, above=2)
found = None
"""
PAGE = (FIRST, SECOND, THIRD)


@pytest.fixture
def helper(tmp_path: Path) -> Path:
    """A folder with a helper package."""
    folder = tmp_path / "helper"
    folder.mkdir()
    for name in ("__init__", "claims", "report"):
        (folder / f"{name}.py").write_text("def seeds(n):\n    return list(range(n))\n")
    for name, source in HELPER.items():
        (folder / f"{name}.py").write_text(source)
    return tmp_path


def hashes(folder: Path, page=PAGE) -> dict[str, str]:
    return needed.claim_hashes(page, folder)


def changed(folder: Path, old: str, new: str, claim: str = "one") -> bool:
    """Whether a claim's hash is another one after a change of the page."""
    assert sum(cell.count(old) for cell in PAGE) == 1, "the place is there once"
    after = hashes(folder, [cell.replace(old, new) for cell in PAGE])
    return after[claim] != hashes(folder)[claim]


def test_only_claims_with_chance_have_a_hash(helper):
    found = hashes(helper)
    assert list(found) == ["two", "one", "three"]
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in found.values())
    assert len(set(found.values())) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SEEDS = claims.seeds(3)", "SEEDS = claims.seeds(5)"),
        ("SCALE = 2.0", "SCALE = 2.5"),
        ("data = [1, 2, 3]", "data = [1, 2, 5]"),
        ("data.append(4)", "data.append(5)"),
        ("data.append(4)\n", "data.append(4)\ndata[0] = 7\n"),
        ("data.append(4)\n", "data.append(4)\ndel data[0]\n"),
        ("data.append(4)\n", "data.append(4)\ndata += [5]\n"),
        ("data.append(4)\n", "data.append(4)\nshuffle(data)\n"),
        ("data.append(4)\n", "data.append(4)\nnp.random.shuffle(data)\n"),
        ("data.append(4)\n", "data.append(4)\nlast = data.pop()\n"),
        ("data.append(4)\n", "data.append(4)\nSCALE = 3\n"),
        ("data.append(4)\n", "data.append(4)\nif len(SEEDS) > 2:\n    SCALE = 3\n"),
        ("data.append(4)\n", "data.append(4)\nfrom helper.losses import cross_entropy as train\n"),
        ("np.random.seed(0)", "np.random.seed(1)"),
        ("np.random.seed(0)\n", "np.random.seed(0)\nnp.seterr(all='raise')\n"),
        ("return SCALE * train", "return 1 + SCALE * train"),
        ("train(seed, data)", "train(seed + 1, data)"),
        ("found.append(measure(seed))", "found.append(measure(seed) ** 2)"),
        ("for seed in SEEDS:", "for seed in SEEDS[::-1]:"),
        ("found - found.max()", "found + found.max()"),
        ('"one", found - found.max(), seeds=SEEDS', '"one", found - found.max(), seeds=SEEDS[:3]'),
        ('"one", found - found.max(),', '"one", differences=found,'),
        ("figure, axes = plt.subplots()", "found[0] = 1"),
        ("plt.tight_layout()", "found.sort()"),
        ("plt.tight_layout()", "found = found / 2"),
    ],
)
def test_what_a_claim_is_measured_by_changes_its_hash(helper, old, new):
    assert changed(helper, old, new)


def test_a_keyword_of_the_values_counts_like_their_place(helper):
    def claim(code):
        return hashes(helper, [FIRST, "x = SEEDS\ny = data\n" + code])["a"]

    assert claim("claims.effect('a', differences=x, seeds=SEEDS, of='loss')") != claim(
        "claims.effect('a', differences=y, seeds=SEEDS, of='loss')"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # twice", "  # two times"),
        ("data.append(4)", "data.append(  4 )"),
        ('    """Measures."""\n', ""),
        ("    return seed", "    return seed + 1"),  # another claim's code
        ("others = [beside(seed) for seed in SEEDS]", "others = [1, 2, 3]"),
        ("np.subtract(others, found.min())", "np.subtract(others, found.sum())"),
        ('found.min()), seeds=SEEDS, of="loss")', 'found.min()), seeds=SEEDS, of="share")'),
        ('max(), seeds=SEEDS, of="loss")', 'max(), seeds=SEEDS, of="accuracy")'),  # a margin
        ('max(), seeds=SEEDS, of="loss")', "max(), seeds=SEEDS, below=3)"),
        (
            'max(), seeds=SEEDS, of="loss")',
            'max(), seeds=SEEDS, of="loss", above=1, because={"en": "So."})',
        ),
        ('claims.effect("one"', 'claims.equivalence("one"'),
        ('claims.every_seed("three", found, seeds=SEEDS, above=1)\n', ""),
        ("found = None", "found = 0"),  # after it
        ("report.glue(mean=found.mean(), first=found.tolist()[0])\n", ""),
        ('print(f"{found.mean():.2f}", others)', 'print(found.argmax(), f"{found.std():.1f}")'),
        ("axes.scatter(SEEDS, found)", "axes.plot(SEEDS, found.mean() * np.ones(3))"),
        ("axes.scatter(SEEDS, found)", "axes.hist(found, bins=3)\naxes.axhline(found)"),
        ("axes.scatter(SEEDS, found)", "for x in SEEDS:\n    axes.bar(x, found)"),
        ("axes.scatter(SEEDS, found)", "axes.fill_between(SEEDS, found, found)"),
        ("axes.legend()\n", ""),
        ("figure, axes = plt.subplots()", "figure, axes = plt.subplots(2)"),
        ("plt.tight_layout()", "plt.show()"),
        ("plotting.curves(found)", "plotting.curves(found, ax=axes)"),
        ("import matplotlib.pyplot as plt", "import matplotlib.pyplot as plt\nimport math"),
    ],
)
def test_what_only_shows_or_decides_it_or_another_claim_does_not(helper, old, new):
    assert not changed(helper, old, new)


def test_cells_divided_otherwise_are_the_same_code(helper):
    assert hashes(helper, ["\n".join(PAGE)]) == hashes(helper)


def test_a_claim_inside_another_statement_is_measured_by_all_of_it(helper):
    loop = "for value in (1, 2):\n    claims.effect('a', [value] * 3, seeds=SEEDS, of='loss')\n"
    before = hashes(helper, [FIRST, loop])["a"]
    assert hashes(helper, [FIRST, loop.replace("(1, 2)", "(1, 3)")])["a"] != before
    assert hashes(helper, [FIRST, "1 + 1\n" + loop])["a"] == before


@pytest.mark.parametrize(
    ("module", "old", "new", "differs"),
    [
        ("training", "Model(seed)", "Model(seed + 1)", True),
        ("training", "RATE = 0.1", "RATE = 0.2", True),
        ("training", 'TABLE["steps"] = 3', 'TABLE["steps"] = 4', True),
        ("training", "math.sin(seed)", "math.cos(seed)", True),
        ("training", "self.weight -= rate", "self.weight += rate", True),
        ("training", "losses import cross_entropy as", "feed import unused as", True),
        ("feed", "_split(data, 2)", "_split(data, 3)", True),
        ("feed", "data[i::n]", "data[i:]", True),
        ("losses", "** 2", "** 3", True),
        ("training", "# A comment.", "# Another one.", False),
        ("training", "In so many words.", "In fewer words.", False),
        ("training", '        """One step."""\n', "", False),
        ("training", '"""Trains."""', '"""Trains models."""', False),
        ("training", "UNUSED = 1", "UNUSED = 2", False),
        ("training", "return x + UNUSED", "return x", False),
        ("feed", "return 1", "return 2", False),
        ("plotting", "return values", "return None", False),
    ],
)
def test_of_the_helper_package_what_is_called_counts_and_what_that_calls(
    helper, module, old, new, differs
):
    before = hashes(helper)
    path = helper / "helper" / f"{module}.py"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(1, 1))  # an edit within the clock's precision of the first
    after = hashes(helper)
    assert (after["one"] != before["one"]) is differs
    assert after["two"] != before["two"] if differs else after == before


def test_a_function_that_a_module_hands_on_counts(helper):
    (helper / "helper" / "__init__.py").write_text("from helper.losses import cross_entropy\n")
    page = ["from helper import claims, cross_entropy\nimport helper.training\n"
            "claims.effect('a', cross_entropy(3), seeds=[0, 1, 2], of='loss')"]  # fmt: skip
    before = hashes(helper, page)["a"]
    path = helper / "helper" / "losses.py"
    path.write_text(path.read_text().replace("** 2", "** 3"))
    os.utime(path, ns=(1, 1))
    assert hashes(helper, page)["a"] != before


def test_needed_statements_come_in_their_order_and_without_the_others():
    page = needed.statements("a = 1\nb = 2\nc = a + 1\nd = b\na = 5\nprint(c)\n")
    lines = [one.node.lineno for one in needed.needed(["c"], page)]
    assert lines == [1, 3]
    assert [one.node.lineno for one in needed.needed(["a", "d"], page)] == [2, 4, 5]


def test_a_loop_takes_nothing_from_another_one_over_the_same_variable():
    page = needed.statements(
        "some = []\n"
        "for seed in first:\n    model = build(seed)\n    some.append(model)\n"
        "others = []\n"
        "for seed in second:\n    model = build(seed)\n    others.append(model)\n"
    )
    lines = [one.node.lineno for one in needed.needed(["others"], page)]
    assert lines == [5, 6]


@pytest.mark.parametrize(
    "loop",
    [
        "for x in b:\n    found.append(a)\n    a = x\n",  # taken before the loop sets it
        "for x in b:\n    if x:\n        a = x\n    found.append(a)\n",
        "for x in a:\n    found.append(x)\n",
        "for a in a:\n    found.append(a)\n",
        "for b[a] in b:\n    found.append(b)\n",
        "for x in b:\n    found.append(x)\nelse:\n    found.append(a)\n",
        "for x in b:\n    for y in b:\n        a = y\n    found.append(a)\n",
    ],
)
def test_what_a_loop_may_take_from_before_it_counts(loop):
    page = needed.statements("a = 1\nb = [0, 1]\nfound = []\n" + loop)
    assert 1 in [one.node.lineno for one in needed.needed(["found"], page)]


TRAINED = """from helper import claims

SEEDS = claims.seeds(3)
models = [[1.0], [2.0], [3.0]]
inputs = [4.0]


def train(each, n, given):
    for model in each:
        model.append(n * given[0])
    return [sum(model) for model in each]


half = train(models, 1, inputs)
beside = train([[0.0]], 5, inputs)
whole = train(models, 2, inputs)
claims.effect("a", whole, seeds=SEEDS, of="loss")
"""


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("train(models, 1, inputs)", "train(models, 3, inputs)", True),  # trained on from there
        ("train(models, 1, inputs)", "train(n=3, each=models, given=inputs)", True),
        ("train(models, 1, inputs)", "train(*models, 1, inputs)", True),
        ("train([[0.0]], 5, inputs)", "train([[0.0]], 7, inputs)", False),  # the inputs stay
    ],
)
def test_a_function_of_the_page_that_changes_its_argument_is_part_of_what_follows(
    helper, old, new, differs
):
    assert old in TRAINED
    before, after = (hashes(helper, [code]) for code in (TRAINED, TRAINED.replace(old, new)))
    assert (before != after) is differs


@pytest.mark.parametrize(
    ("body", "altered"),
    [
        ("x.append(1)", {"x"}),
        ("x[0] = y", {"x"}),
        ("x.weight -= y", {"x"}),
        ("del x[0]", {"x"}),
        ("shuffle(x)", {"x"}),
        ("last = x[-1]\n    last.append(y)", {"x"}),
        ("for one in x:\n        one.append(y)", {"x"}),
        ("for one, other in zip(x, y):\n        one.append(other)", {"x", "y"}),
        ("for name, one in x.items():\n        one.append(y)", {"x"}),
        ("return [one.pop() for one in enumerate(x)]", {"x"}),
        ("z = x\n    return z.fit(y)", {"x"}),
        ("return x.mean() + y.get('a')", set()),
        ("y.fit(x)", {"y"}),
        ("z = list(map(str, x))\n    z.append(y)", set()),
        ("z = build(x)\n    z.fit(y)", set()),
        ("print(x)\n    plot(y)", set()),
    ],
)
def test_what_a_function_may_change_of_what_it_is_given(body, altered):
    [function] = ast.parse(f"def act(x, y):\n    {body}\n").body
    found = changes.altered(function)
    assert {name for name in found if isinstance(name, str)} == altered
    assert {"xy"[place] for place in found if isinstance(place, int)} == altered


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("_split(data, 2)", "_split(data, 3)", False),
        ("data[i::n]", "data[i:]", False),
        ('"batches": "1a"', '"batches": "2b"', True),
        ('"batches": "1a"', '"unused": "1a"', True),
    ],
)
def test_what_a_function_gives_stands_for_how_it_comes_by_it(helper, old, new, differs):
    path = helper / "helper" / "feed.py"
    path.write_text('GIVES = {"batches": "1a"}\n' + path.read_text())
    before = hashes(helper)["one"]
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(1, 1))
    assert (hashes(helper)["one"] != before) is differs
