// A square of the plane: how probable each place is for one of two classes, and points on it.
import { shown, svg } from "./dom.js";

export class Plane {
  // settings: { most, cells, places, words }: the square reaches from -most to most and is divided
  // into cells x cells; the table has the places x places nearest to a coarser grid.
  constructor(figure, settings) {
    Object.assign(this, settings, { figure });
    const ground = svg("g", { class: "lab-ground", "shape-rendering": "crispEdges" });
    const side = figure.width / this.cells;
    this.grid = new Float64Array(2 * this.cells ** 2);
    this.squares = [];
    for (let row = 0; row < this.cells; row++) {
      for (let column = 0; column < this.cells; column++) {
        const k = this.squares.length;
        this.grid[2 * k] = this.#middle(column);
        this.grid[2 * k + 1] = -this.#middle(row);
        this.squares.push(
          svg("rect", { x: column * side, y: row * side, width: side, height: side }),
        );
      }
    }
    ground.append(...this.squares);
    this.points = svg("g", { class: "lab-points" });
    figure.svg.append(ground, this.points);
  }

  #middle(cell) {
    return ((cell + 0.5) / this.cells) * 2 * this.most - this.most;
  }

  #place(value) {
    return ((value + this.most) / (2 * this.most)) * this.figure.width;
  }

  // Points of two classes, rounds and squares; those of a group that is `held` out are hollow.
  put(groups) {
    const marks = [];
    for (const { points, labels, held } of groups) {
      labels.forEach((label, k) => {
        const [x, y] = [this.#place(points[2 * k]), this.#place(-points[2 * k + 1])];
        const more = { class: `lab-point lab-class-${label}${held ? " lab-held" : ""}` };
        const size = held ? 2 : 3.5;
        if (label) marks.push(svg("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, ...more }));
        else marks.push(svg("circle", { cx: x, cy: y, r: size, ...more }));
      });
    }
    this.points.replaceChildren(...marks);
  }

  // probabilities: of class 1, in the middle of each cell, row by row from the top.
  draw(probabilities) {
    this.squares.forEach((square, k) => {
      const sure = 2 * probabilities[k] - 1;
      square.setAttribute("class", sure > 0 ? "lab-class-1" : "lab-class-0");
      square.setAttribute("fill-opacity", (0.65 * Math.abs(sure)).toFixed(2));
    });
    const near = Array.from({ length: this.places }, (_, n) =>
      Math.floor(((n + 0.5) / this.places) * this.cells),
    );
    this.figure.table([this.words.place, ...near.map((column) => shown(this.#middle(column)))], () =>
      near.map((row) => [
        shown(-this.#middle(row)),
        ...near.map((column) => probabilities[row * this.cells + column].toFixed(2)),
      ]),
    );
  }
}
