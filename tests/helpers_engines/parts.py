"""What a reader uses on a page in Firefox or WebKit: labs, questions, exercises."""

from __future__ import annotations

from tests.helpers_engines import Engine
from tests.helpers_predict import ALL_RESULTS

CELLS = """(selector) => [...document.querySelectorAll(`${selector} tbody tr`)]
  .map((row) => [...row.cells].map((cell) => cell.textContent))"""
MARKUP = "(selector) => document.querySelector(selector).outerHTML"
VALUE = "(selector) => document.querySelector(selector).value"
TEXT = "(selector) => document.querySelector(selector)?.innerText.trim()"
COUNT = "(selector) => document.querySelectorAll(selector).length"
SEEN = "(selector) => document.querySelector(selector)?.checkVisibility()"


class Lab:
    """One lab of an open page."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name, self.at = engine, name, f"#lab-{name}"
        engine.script(f"() => {{ {ALL_RESULTS} }}")  # it may stand in a result that is folded

    def open(self) -> Lab:
        self.engine.click(f"{self.at} .lab-opener button")
        return self.ended()

    def ended(self) -> Lab:
        """Waits until it has done its work."""
        done = "(at) => document.querySelector(`${at} .lab-open`)"
        self.engine.wait(f"{done} && !document.querySelector(at).ariaBusy", self.at)
        return self

    def control(self, name: str) -> str:
        """The selector of a control."""
        return f"{self.at}-{name}"

    def value(self, name: str) -> str:
        return str(self.engine.script(VALUE, self.control(name)))

    def drawing(self, number: int = 1) -> str:
        """A drawing as it is now, by its number among all."""
        return str(self.engine.script(MARKUP, f"{self._figure(number)} > svg"))

    def _figure(self, number: int) -> str:
        return f"{self.at} .lab-figure:nth-of-type({number})"

    def table(self, number: int = 1) -> list[list[str]]:
        """The table beside a drawing, without its head; opens it by the pointer."""
        fold = f"{self._figure(number)} > details"
        if not self.engine.script(SEEN, f"{fold} table"):
            self.engine.click(f"{fold} > summary")
            self.engine.wait(SEEN, f"{fold} table")
        rows: list[list[str]] = self.engine.script(CELLS, fold)
        return rows

    def state(self, name: str, wanted: object) -> None:
        """Waits until the address holds a value of the lab."""
        part = f"~{name}.{wanted}"
        holds = (
            "([lab, part]) => { const { search, hash } = location; return hash === `#lab-${lab}`"
        )
        holds += " && search.startsWith(`?lab=${lab}~`) && `${search}~`.includes(`${part}~`); }"
        self.engine.wait(holds, [self.name, part], seconds=10)


class Question:
    """One question of an open page."""

    def __init__(self, engine: Engine, claim: str) -> None:
        self.engine, self.claim, self.at = engine, claim, f"#predict-{claim}"

    def choice(self, place: int) -> str:
        """The selector of a choice, counted from 0."""
        return f"{self.at} .predict-choices li:nth-child({place + 1})"

    def answer(self, place: int) -> str:
        """Answers by the pointer; what is said of it."""
        self.engine.click(f"{self.choice(place)} button")
        return str(self.engine.wait(TEXT, f"{self.at} [role=status]"))

    def marks(self) -> list[str]:
        """What the choices are marked as, such as `chosen wrong`."""
        names = "(at) => [...document.querySelectorAll(at)].map((each) => each.className)"
        found: list[str] = self.engine.script(names, f"{self.at} .predict-choices li")
        return found

    @property
    def folded(self) -> bool:
        return not self.engine.script(SEEN, f"#result-{self.claim} > *")


class Exercise:
    """The first exercise of an open page."""

    at = ".cell.tag_exercise"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def open(self) -> str:
        """Presses its button; what its editor holds."""
        self.engine.click(f"{self.at} .live > button")
        self.engine.wait(SEEN, f"{self.at} textarea")
        return str(self.engine.script(VALUE, f"{self.at} textarea"))

    def check(self, source: str) -> str:
        """Writes an answer and has it checked; what is shown of it."""
        write = "([at, text]) => { const area = document.querySelector(at); area.value = text;"
        write += " area.dispatchEvent(new Event('input', { bubbles: true })); }"
        self.engine.script(write, [f"{self.at} textarea", source])
        self.engine.click(f"{self.at} .live > button")
        ended = "(at) => document.querySelectorAll(`${at} .live > button`)[1].disabled"
        self.engine.wait(
            f"{ended} && document.querySelector(`${{at}} .live-output`).textContent", self.at
        )
        return str(self.engine.script(TEXT, f"{self.at} .live-output")).splitlines()[-1]

    @property
    def status(self) -> str:
        return str(self.engine.script(TEXT, f"{self.at} .live > .live-status"))
