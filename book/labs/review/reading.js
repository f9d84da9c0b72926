// One review, word by word: what the bag of words adds for it, and the recurrent network's answer.
import { make, svg } from "../dom.js";

const WIDTH = 320;
const TOP = 36;
const ROW = 18;
const BELOW = 18;
const BAG = [100, 195]; // the columns, from left to right
const RECURRENT = [220, 310];
const LANG = "en"; // of the reviews, and so of their words on a page of any language

export class Reading {
  // settings: { title, words, most, filled, shown }; `most` is the largest weight of the bag.
  constructor(stage, settings) {
    Object.assign(this, settings);
    this.figure = stage.figure({ title: this.title, note: this.words.legend, size: [WIDTH, TOP + BELOW] });
    this.sentence = make("p", "", { lang: LANG });
    this.answer = make("p");
    this.figure.svg.before(this.sentence, this.answer);
  }

  // found: { all, ids, before, after, bag } of a review; nothing without one.
  draw(found) {
    this.figure.node.hidden = !found;
    if (!found) return;
    const { words, shown, filled } = this;
    const { all, before, after, bag } = found;
    const parts = all.flatMap(({ word, id }) => [make(id === null ? "s" : "b", "", { textContent: word }), " "]);
    this.sentence.replaceChildren(...(parts.length ? parts : ["–"]));
    const last = after.at(-1) ?? before;
    this.answer.textContent = filled(words.answer, shown(bag.probability), shown(last));
    let at = 0;
    const rows = all.map(({ word, id }) => {
      if (id === null) return { word, lang: LANG };
      const row = { word, lang: LANG, adds: bag.adds[at], after: after[at] };
      at += 1;
      return row;
    });
    const first = { word: words.before, adds: bag.bias, after: before };
    this.#show([first, ...rows.filter((row) => "adds" in row)]);
    const columns = [`${words.bag}: ${words.adds}`, `${words.recurrent}: ${words.so_far}`];
    this.figure.table([words.word, ...columns], () =>
      [first, ...rows].map((row) => {
        const word = row.lang ? make("span", "", { lang: row.lang, textContent: row.word }) : row.word;
        return "adds" in row
          ? [word, shown(row.adds), shown(row.after)]
          : [[word, ` (${words.skipped})`], "–", "–"];
      }),
    );
  }

  #show(rows) {
    const { words } = this;
    const bottom = TOP + ROW * rows.length;
    const [zero, reach] = [(BAG[0] + BAG[1]) / 2, (BAG[1] - BAG[0]) / 2];
    const across = (probability) => RECURRENT[0] + probability * (RECURRENT[1] - RECURRENT[0]);
    const middle = (n) => TOP + ROW * (n + 0.5);
    const text = (x, y, said, more = {}) => svg("text", { x, y, "text-anchor": "middle", ...more }, said);
    const axis = (x) => svg("path", { class: "lab-axis", d: `M${x} ${TOP}V${bottom}` });
    const parts = [
      text(zero, 12, words.bag),
      text(zero, 27, words.adds),
      text(across(0.5), 12, words.recurrent),
      text(across(0.5), 27, words.so_far),
      ...[zero, across(0), across(0.5), across(1)].map(axis),
      ...[0, 0.5, 1].map((tick) => text(across(tick), bottom + 13, String(tick))),
      text(zero, bottom + 13, "0"),
    ];
    let line = "";
    rows.forEach(({ word, lang, adds, after }, n) => {
      const long = (adds / this.most) * reach;
      const bar = { x: Math.min(zero, zero + long), y: middle(n) - 6, width: Math.abs(long), height: 12 };
      const named = text(0, middle(n) + 4, word, { "text-anchor": "start", ...(lang && { lang }) });
      parts.push(named, svg("rect", { class: "lab-bars", ...bar }));
      if (!Number.isFinite(after)) return; // was cut off
      line += `${line ? "L" : "M"}${across(after).toFixed(1)} ${middle(n)}`;
      parts.push(svg("circle", { class: "lab-point lab-class-1", cx: across(after), cy: middle(n), r: 3.5 }));
    });
    parts.push(svg("path", { class: "lab-curve lab-curve-1", d: line }));
    this.figure.svg.setAttribute("viewBox", `0 0 ${WIDTH} ${bottom + BELOW}`);
    this.figure.svg.replaceChildren(...parts);
  }
}
