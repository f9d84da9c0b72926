"""Where the seeds of pages come from: the run sets them, and no page types one."""

from __future__ import annotations

import ast

import pytest

from bookwright.chapter import start
from bookwright.source import facts as page_facts
from tests.conftest import ROOT

DRAWS = ("default_rng", "set_random_seed", "RandomState", "seed", "SeedGenerator")


def from_names(seed: ast.expr) -> bool:
    """Whether an expression is made from variables, as SEED + 1, and not typed, as range(3)."""
    names = {part.id for part in ast.walk(seed) if isinstance(part, ast.Name)}
    return bool(names - {"range", "list"})


def typed_seeds(source: str) -> list[int]:
    """The lines of a cell that type a seed without saying on the same line why it is fixed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        seeds: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            seeds += node.args[:1] if name in DRAWS else []
            seeds += [given.value for given in node.keywords if given.arg in ("seed", "seeds")]
        elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
            # A class may have a default of its own; the cells that make one name the seed.
            names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
            with_default = names[len(names) - len(node.args.defaults) :]
            seeds += [
                default
                for name, default in zip(with_default, node.args.defaults, strict=True)
                if name == "seed"
            ]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(
            ("SEED", "SEEDS")
        ):
            seeds.append(node.value)
        found += [seed.lineno for seed in seeds if seed is not None and not from_names(seed)]
    lines = source.splitlines()
    return [number for number in found if "# fixed: " not in lines[number - 1]]


@pytest.mark.parametrize(
    ("source", "typed"),
    [
        ("SEEDS = [0, 1, 2]", True),
        ("MORE_SEEDS = list(range(3))", True),
        ("SEED = 0", True),
        ("SEEDS = claims.seeds(3)", False),
        ("SEED = SEEDS[0]", False),
        ("np.random.default_rng(0)", True),
        ("np.random.default_rng(SEED)", False),
        ("np.random.default_rng(1000 + seed)", False),
        ("np.random.default_rng(0)  # fixed: a drawing", False),
        ("def values(name, seed=0):\n    pass", True),
        ("def values(name, seed=SEED):\n    pass", False),
        ("class Network:\n    def __init__(self, seed=0):\n        pass", False),
        ("values('relu', seed=3)", True),
        ("follow(build, seeds=[SEED])", False),
    ],
)
def test_a_typed_seed_is_told_from_one_that_the_run_sets(source, typed):
    assert bool(typed_seeds(source)) == typed


@pytest.mark.parametrize("path", sorted((ROOT / "book" / "en").glob("*.md")), ids=lambda p: p.stem)
def test_no_page_types_its_seeds(path):
    facts = page_facts.facts(path.read_text(encoding="utf-8"))
    found = [cell.line + line - 1 for cell in facts.cells for line in typed_seeds(cell.source)]
    assert not found, f"{path.name}, lines {found}: take the seeds from claims.seeds"


def test_a_new_chapter_takes_its_seeds_from_the_run():
    text = next(text for path, text in start.plan("attention").items() if path.parent.name == "en")
    cells = page_facts.facts(text).cells
    assert any("SEEDS = claims.seeds(" in cell.source for cell in cells)
    assert not any(typed_seeds(cell.source) for cell in cells)
