// Curves over one axis, the vertical one logarithmic if asked for.
import { shown, svg } from "./dom.js";

const LEFT = 46; // room for numbers
const BELOW = 34;
const RIGHT = 16;
const ABOVE = 22; // for the names of the curves

// About five round numbers from one to the other.
function ticks(from, to) {
  const rough = (to - from) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((times) => times * power >= rough) * power;
  const found = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) found.push(k * step);
  return found;
}

export class Lines {
  // settings: { x, y, names, log }: the axes' words, the curves' names.
  constructor(figure, settings) {
    Object.assign(this, settings, { figure });
    const { width, height } = figure;
    const [right, bottom] = [width - RIGHT, height - BELOW];
    const axis = svg("path", { class: "lab-axis", d: `M${LEFT} ${ABOVE}V${bottom}H${right}` });
    const label = svg("text", { x: (LEFT + right) / 2, y: height - 4, "text-anchor": "middle" }, this.x);
    this.marks = svg("g", { class: "lab-marks" });
    this.paths = this.names.map((_, k) => svg("path", { class: `lab-curve lab-curve-${k}` }));
    figure.svg.append(axis, label, this.marks, ...this.paths, this.#key(right));
  }

  // The names of the curves, each with a piece of its line.
  #key(right) {
    const key = svg("g", { class: "lab-key" });
    const each = (right - LEFT) / this.names.length;
    this.names.forEach((name, k) => {
      const x = LEFT + k * each;
      key.append(
        svg("path", { class: `lab-curve lab-curve-${k}`, d: `M${x} 9h20` }),
        svg("text", { x: x + 25, y: 13 }, name),
      );
    });
    return key;
  }

  // xs: places on the axis; curves: for each name its values there. `limits` are those of the axes,
  // { x: [from, to], y: [from, to] }, where they are not to follow the values.
  draw(xs, curves, limits = {}) {
    const put = this.log ? Math.log10 : Number;
    const there = (value) => Number.isFinite(put(value));
    const all = curves.flatMap((curve) => [...curve].filter(there).map(put));
    let [low, high] = limits.y?.map(put) ?? [Math.min(...all), Math.max(...all)];
    if (!all.length && !limits.y) [low, high] = [-1, 1];
    if (high - low < (this.log ? 2 : 1e-9)) [low, high] = [low - 1, high + 1]; // no drama out of nothing
    const [first, last] = limits.x ?? [xs[0], xs.at(-1)];
    const { width, height } = this.figure;
    const [right, bottom] = [width - RIGHT, height - BELOW];
    const across = (x) => LEFT + ((x - first) / (last - first || 1)) * (right - LEFT);
    const up = (y) => bottom - ((Math.min(high, Math.max(low, put(y))) - low) / (high - low)) * (bottom - ABOVE);
    this.#mark(ticks(low, high), ticks(first, last), across, (tick) => up(this.log ? 10 ** tick : tick));
    curves.forEach((curve, k) => {
      let pen = "M";
      let d = "";
      for (let n = 0; n < curve.length; n++) {
        if (there(curve[n])) d += `${pen}${across(xs[n]).toFixed(1)} ${up(curve[n]).toFixed(1)}`;
        pen = there(curve[n]) ? "L" : "M"; // a gap where a value has no place
      }
      this.paths[k].setAttribute("d", d);
    });
    this.figure.table([this.x, ...this.names], () =>
      [...xs].map((x, n) => [shown(x), ...curves.map((curve) => shown(curve[n] ?? NaN))]),
    );
  }

  #mark(ups, acrosses, across, up) {
    const { height } = this.figure;
    const shownTick = (tick) => (this.log ? (Number.isInteger(tick) ? `1e${tick}` : "") : shown(tick));
    const marks = ups
      .filter((tick) => shownTick(tick))
      .map((tick) => svg("text", { x: LEFT - 5, y: up(tick) + 4, "text-anchor": "end" }, shownTick(tick)));
    for (const tick of acrosses.filter(Number.isInteger)) {
      marks.push(svg("text", { x: across(tick), y: height - BELOW + 14, "text-anchor": "middle" }, String(tick)));
    }
    this.marks.replaceChildren(...marks);
  }
}
