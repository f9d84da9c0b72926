"""Labs: drawings that answer at once when their reader changes a setting, loaded when opened.

A lab is the book's: a folder `book/labs/NAME`, whose `lab.yml` says what can be set and in which
range (`files._SCHEMA`) and brings the words of each language, and whose `lab.js` exports

    export function lab(stage, { words, glued, random, filled, shown, box }) {
      const drawing = stage.lines({ title: words.title, x: words.x, names: [words.one] });
      return function* run(state) {
        ...; yield () => drawing.draw(xs, curves); ...
        return { draw: () => drawing.draw(xs, curves), said: () => "what is read out at the end" };
      };
    }

`lab` is called once and makes the drawings; `glued` is what the page's cells handed over by
`report.glue` under the name that `lab.yml` gives as `glued`, such as weights. `run` is called after
each change, with the value of each control by its name. The room calls it in slices, lets it go
when something else is set, and does all the rest: controls, address, live region, tables, the
button that stops a lab that `plays`. Each drawing brings a table; see `opened/stage.js` for what
there is. What calculates stands in a file of its own, of functions of plain arrays, which a test
gives the same arrays as NumPy.

A lab whose controls follow from what it reads returns `{ run, controls }` instead, as that of all
figures of curves does (`of_figures.py`, `curves/`); it is also handed `set`, which sets values as
its reader does, and a result may say `heard: true` if what is read out stands in the drawings.
"""
