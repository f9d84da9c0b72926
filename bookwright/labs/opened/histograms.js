// Histograms one below the other, the first layer at the top, all to one scale.
import { shown, svg } from "./dom.js";

const LEFT = 26;
const BELOW = 18;
const FULL = 0.1; // the share of the values at which a bar fills its row, and is cut off

export class Histograms {
  // settings: { row, columns }: what a row is called, and the words above the table's columns.
  constructor(figure, settings) {
    Object.assign(this, settings, { figure });
    this.rows = svg("g", { class: "lab-rows" });
    this.axis = svg("g", { class: "lab-marks" });
    figure.svg.append(this.rows, this.axis);
  }

  // histograms: for each row the shares of the values in equal parts of the range from -most to
  // most; `values` makes the table's numbers of a row.
  draw(histograms, most, values) {
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
    this.figure.table([this.row, ...this.columns], () =>
      histograms.map((_, n) => [String(n + 1), ...values(n).map(shown)]),
    );
  }
}
