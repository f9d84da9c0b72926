// One panel of a figure: its curves and their runs, a line at the place that is read, and the values
// there, which are the key as well.
import { make, shown, svg } from "../dom.js";
import { numbers, smoothed } from "./data.js";

const LEFT = 46; // room for numbers
const RIGHT = 10;
const ABOVE = 20; // for what is read, which would hide the curves among them
const BELOW = 34;
const LOOKS = 6; // colours, and patterns of dashes

// About five round numbers from one to the other.
function evenTicks(from, to) {
  const rough = (to - from) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((times) => times * power >= rough) * power;
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, k) => (first + k) * step);
}

// Powers of ten, and 2 and 5 times them where there are few.
function logTicks(from, to) {
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, k) => Math.floor(from) + k);
  const every = Math.ceil(powers.length / 7);
  const times = to - from < 2 ? [1, 2, 5] : [1];
  return powers
    .filter((power) => power % every === 0)
    .flatMap((power) => times.map((time) => Math.log10(time) + power))
    .filter((tick) => tick >= from && tick <= to);
}

export class Panel {
  // panel: as `data.js` has it; figure: of the stage; looks: names of all curves of the figure, in
  // their order; `title(part)` names a part of a curve; `pointed(place, curve, part)` is called when
  // a reader points at something.
  constructor(figure, panel, { words, head, lang, looks, title, pointed }) {
    Object.assign(this, { figure, panel, words, head, lang, looks, title, pointed });
    figure.node.querySelector("figcaption").lang = lang;
    const { width, height } = figure;
    this.right = width - RIGHT;
    this.bottom = height - BELOW;
    this.marks = svg("g");
    this.bands = svg("g", { class: "lab-bands" });
    this.lines = svg("g");
    this.cursor = svg("g", { class: "lab-cursor" });
    figure.svg.append(
      svg("path", { class: "lab-axis", d: `M${LEFT} ${ABOVE}V${this.bottom}H${this.right}` }),
      svg("text", { x: (LEFT + this.right) / 2, y: height - 4, "text-anchor": "middle", lang }, head),
      ...[this.marks, this.bands, this.lines, this.cursor],
    );
    figure.svg.classList.add("lab-pointed");
    for (const kind of ["pointermove", "pointerdown"]) {
      figure.svg.addEventListener(kind, (event) => this.#point(event));
    }
    figure.svg.addEventListener("pointerleave", () => pointed(null));
    this.key = make("div", "lab-table lab-key", { tabIndex: 0 });
    this.key.setAttribute("role", "group");
    this.key.setAttribute("aria-label", `${words.values}: ${panel.name}`);
    figure.svg.after(this.key);
  }

  // What of the panel is shown: for each chosen curve its chosen parts; of one without runs its line.
  #chosen({ curves, runs }) {
    const found = [];
    for (const { name, parts } of this.panel.curves) {
      if (!curves.has(name)) continue;
      const single = ![...parts.keys()].some((part) => /^\d/.test(part));
      for (const [part, texts] of parts) {
        if (single ? part === "mean" : runs.includes(part)) found.push({ name, part, texts });
      }
    }
    return found;
  }

  // state: { curves, runs, around, log, at, picked }, of which the last two move the cursor alone.
  draw(state) {
    const { around, log } = state;
    const key = JSON.stringify([[...state.curves], state.runs, around, log]);
    if (key !== this.drawn) this.#lines(state);
    this.drawn = key;
    this.#read(state);
  }

  #lines(state) {
    const { around, log } = state;
    this.shown = this.#chosen(state).map((one) => {
      const raw = numbers(one.texts);
      return { ...one, raw, smooth: around ? smoothed(raw, around) : null };
    });
    this.#scale(log);
    this.bands.replaceChildren(...this.#bands(state));
    const lines = [];
    for (const one of this.shown) {
      const own = `lab-curve ${this.#look(one.name)}${one.part === "mean" ? "" : " lab-run"}`;
      const raw = svg("path", { class: one.smooth ? `${own} lab-raw` : own, d: this.#path(one.raw) });
      lines.push(raw);
      one.node = raw;
      if (one.smooth) lines.push((one.node = svg("path", { class: own, d: this.#path(one.smooth) })));
    }
    this.lines.replaceChildren(...lines);
    const { places } = this.panel;
    const columns = this.shown.flatMap((one) => [
      this.#named(one),
      ...(one.smooth ? [`${this.#named(one)} (${this.words.smoothed})`] : []),
    ]);
    this.figure.table([this.head, ...columns], () =>
      places.map((place, k) => [
        String(place),
        ...this.shown.flatMap(({ texts, smooth }) => [texts[k] || "–", ...(smooth ? [shown(smooth[k])] : [])]),
      ]),
    );
  }

  #scale(log) {
    this.put = log ? Math.log10 : Number;
    const values = this.shown.flatMap(({ raw }) => raw).map(this.put).filter(Number.isFinite);
    let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
    const room = (high - low) * 0.04 || 0.5;
    [this.low, this.high] = [low - room, high + room];
    const { places, lines } = this.panel;
    const [first, last] = [places[0], places.at(-1)];
    this.across = (place) => LEFT + ((place - first) / (last - first)) * (this.right - LEFT);
    this.up = (value) =>
      this.bottom - ((this.put(value) - this.low) / (this.high - this.low)) * (this.bottom - ABOVE);
    const ticks = log ? logTicks(this.low, this.high).map((tick) => 10 ** tick) : evenTicks(this.low, this.high);
    const marks = ticks.map((tick) =>
      svg("text", { x: LEFT - 5, y: this.up(tick) + 4, "text-anchor": "end" }, shown(tick)),
    );
    for (const tick of evenTicks(first, last).filter(Number.isInteger)) {
      marks.push(svg("text", { x: this.across(tick), y: this.bottom + 14, "text-anchor": "middle" }, String(tick)));
    }
    for (const value of lines) {
      const y = this.up(value);
      if (y > ABOVE && y < this.bottom) marks.push(svg("path", { class: "lab-axis", d: `M${LEFT} ${y}H${this.right}` }));
    }
    this.marks.replaceChildren(...marks);
  }

  // A curve's range, where its mean is shown.
  #bands({ curves, runs }) {
    const found = [];
    for (const { name, parts } of this.panel.curves) {
      if (!curves.has(name) || !runs.includes("mean") || !parts.has("lowest")) continue;
      const edge = (part) => numbers(parts.get(part)).flatMap((value, k) => (Number.isNaN(value) ? [] : [this.#inside(k, value)]));
      const around = [...edge("lowest"), ...edge("highest").reverse()];
      found.push(svg("path", { class: `lab-band ${this.#look(name)}`, d: `M${around.join("L")}Z` }));
    }
    return found;
  }

  // A corner of a band, which may lie outside the axes.
  #inside(k, value) {
    const y = this.up(value);
    const near = Number.isFinite(y) ? Math.min(this.bottom, Math.max(ABOVE, y)) : this.bottom;
    return `${this.across(this.panel.places[k]).toFixed(1)} ${near.toFixed(1)}`;
  }

  #path(values) {
    let pen = "M";
    let d = "";
    values.forEach((value, k) => {
      const y = this.up(value);
      if (Number.isFinite(y)) d += `${pen}${this.across(this.panel.places[k]).toFixed(1)} ${y.toFixed(1)}`;
      pen = Number.isFinite(y) ? "L" : "M"; // a gap where a value has no place
    });
    return d;
  }

  // Colour and dashes of a curve: where the colours begin again, the dashes are others.
  #look(name) {
    const k = this.looks.indexOf(name);
    return `lab-color-${k % LOOKS} lab-dash-${(k + Math.floor(k / LOOKS)) % LOOKS}`;
  }

  #named({ name, part }) {
    return this.panel.curves.find((curve) => curve.name === name).parts.size > 1
      ? `${name}, ${this.title(part)}`
      : name;
  }

  #point(event) {
    const box = this.figure.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.figure.width;
    const y = ((event.clientY - box.top) / box.height) * this.figure.height;
    const { places } = this.panel;
    const share = (x - LEFT) / (this.right - LEFT);
    const k = Math.min(places.length - 1, Math.max(0, Math.round(share * (places.length - 1))));
    const far = ({ raw, smooth }) => Math.abs(this.up((smooth ?? raw)[k]) - y);
    const near = this.shown.filter((one) => Number.isFinite(far(one))).sort((one, other) => far(one) - far(other))[0];
    this.pointed(places[k], near?.name, near?.part);
  }

  // The cursor in the drawing, and the values below it.
  #read({ at, picked, runs }) {
    const k = this.panel.places.indexOf(at);
    const x = this.across(at);
    const parts = [];
    let told = `${this.head} ${at}`;
    if (k >= 0) {
      parts.push(svg("path", { d: `M${x} ${ABOVE}V${this.bottom}` }));
      for (const one of this.shown) {
        const y = this.up((one.smooth ?? one.raw)[k]);
        const isPicked = one.name === picked?.name && one.part === picked?.part;
        one.node.classList.toggle("lab-picked", isPicked);
        if (Number.isFinite(y)) {
          parts.push(svg("circle", { cx: x, cy: y, r: isPicked ? 4 : 2, class: this.#look(one.name) }));
        }
        if (isPicked) told += `, ${this.#named(one)}: ${one.texts[k] || "–"}`;
      }
      const anchor = x > (LEFT + this.right) / 2 ? "end" : "start";
      parts.push(svg("text", { x, y: ABOVE - 6, "text-anchor": anchor, lang: this.lang }, told));
    }
    this.cursor.replaceChildren(...parts);
    this.key.replaceChildren(this.#table(k, at, runs));
  }

  #table(k, at, runs) {
    const table = make("table");
    table.append(make("caption", "", { textContent: `${this.head} ${at}`, lang: this.lang }));
    const names = [...new Set(this.shown.map(({ name }) => name))];
    const columns = runs.filter((part) => this.shown.some((one) => one.part === part));
    const wide = columns.length > 1;
    if (wide) {
      const top = table.createTHead().insertRow();
      top.append(make("th", "", { scope: "col", textContent: this.words.curve }));
      for (const part of columns) top.append(make("th", "", { scope: "col", textContent: this.title(part) }));
    }
    const body = table.createTBody();
    for (const name of names) {
      const row = body.insertRow();
      const head = make("th", "", { scope: "row", textContent: name, lang: this.lang });
      const sample = svg("svg", { viewBox: "0 0 30 8", "aria-hidden": "true" });
      sample.append(svg("path", { class: `lab-curve ${this.#look(name)}`, d: "M0 4h30" }));
      head.prepend(sample);
      row.append(head);
      for (const part of wide ? columns : [null]) {
        const one = this.shown.find((each) => each.name === name && (!part || each.part === part));
        const raw = one?.texts[k] || "–";
        const more = one?.smooth && raw !== "–" ? ` (${shown(one.smooth[k])})` : "";
        row.append(make("td", "", { textContent: one ? raw + more : "" }));
      }
    }
    return table;
  }

  // What is read out: the values at a place, of means where they are shown.
  said({ at }) {
    const k = this.panel.places.indexOf(at);
    const means = this.shown.filter(({ part }) => part === "mean");
    const values = (means.length ? means : this.shown).map((one) => `${this.#named(one)} ${one.texts[k] || "–"}`);
    return k < 0 ? "" : `${this.panel.name}: ${values.join(", ")}.`;
  }
}
