// Histograms one below the other, the first layer at the top, all to one scale.
import { shown, svg } from "./dom.js";
import { histogram, quartiles } from "./statistics.js";

const LEFT = 26;
const BELOW = 18;
const BINS = 41;
const FULL = 0.1; // the share of the values at which a bar fills its row, and is cut off

export class Histograms {
  // settings: { row, columns }: what a row is called, and the words above the table's columns.
  constructor(figure, settings) {
    Object.assign(this, settings, { figure });
    this.counted = new WeakMap(); // of values that were drawn before, as most are
    this.rows = svg("g", { class: "lab-rows" });
    this.axis = svg("g", { class: "lab-marks" });
    figure.svg.append(this.rows, this.axis);
  }

  // rows: the values of each, or nothing yet; the axis reaches from -most to most. The table has the
  // quartiles of a row, and what `more(values, beyond)` gives, by default the share beyond the axis.
  draw(rows, most, more = (values, beyond) => beyond) {
    const counted = rows.map((values) => this.#count(values, most));
    this.#show(counted.map(({ shares }) => shares), most);
    this.figure.table([this.row, ...this.columns], () =>
      rows.map((values, n) => {
        const numbers = values ? [...quartiles(values), more(values, counted[n].beyond)] : [];
        return [String(n + 1), ...numbers.map(shown)];
      }),
    );
  }

  #count(values, most) {
    if (!values) return { shares: [] };
    const known = this.counted.get(values);
    if (known?.most === most) return known;
    const found = { most, ...histogram(values, most, BINS) };
    this.counted.set(values, found);
    return found;
  }

  #show(histograms, most) {
    const { width, height } = this.figure;
    const deep = (height - BELOW) / Math.max(histograms.length, 1);
    const every = Math.ceil(12 / deep); // so that numbers do not overlap
    const parts = [];
    histograms.forEach((shares, n) => {
      const bottom = (n + 1) * deep;
      const step = (width - LEFT) / shares.length;
      let d = `M${LEFT} ${bottom.toFixed(1)}`;
      shares.forEach((share, bin) => {
        const y = bottom - Math.min(share / FULL, 1) * deep * 0.95;
        d += `L${(LEFT + bin * step).toFixed(1)} ${y.toFixed(1)}h${step.toFixed(2)}`;
      });
      parts.push(svg("path", { class: "lab-bars", d: `${d}L${width} ${bottom.toFixed(1)}Z` }));
      if (n % every === 0) {
        parts.push(svg("text", { x: LEFT - 5, y: bottom - 2, "text-anchor": "end" }, String(n + 1)));
      }
    });
    this.rows.replaceChildren(...parts);
    const places = [
      ["start", LEFT, -most],
      ["middle", (LEFT + width) / 2, 0],
      ["end", width, most],
    ];
    this.axis.replaceChildren(
      ...places.map(([anchor, x, value]) =>
        svg("text", { x, y: height - 4, "text-anchor": anchor }, shown(value)),
      ),
    );
  }
}
