// Where a lab draws: figures with a title, each with its table of values beside it.
import { make, svg } from "./dom.js";
import { Histograms } from "./histograms.js";
import { Lines } from "./lines.js";
import { Plane } from "./plane.js";

export class Stage {
  // words: those of the lab.
  constructor(words) {
    this.words = words;
    this.node = make("div", "lab-stage");
  }

  // Each of these makes a drawing, and returns what has `draw(...)`; see its file.
  histograms(settings) {
    return new Histograms(this.figure(settings), settings);
  }

  lines(settings) {
    return new Lines(this.figure(settings), settings);
  }

  plane(settings) {
    return new Plane(this.figure(settings), settings);
  }

  // A figure of the lab's own making: { svg, table(head, rows), node }. `rows` is a function that
  // makes the table's rows; it is called only while somebody looks at them. The head of a row is a
  // text, or a list of texts and nodes.
  figure({ title, note = "", size = [340, 240] }) {
    const node = make("figure", "lab-figure");
    const caption = make("figcaption", "", { textContent: title });
    const [width, height] = size;
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
    const fold = make("details");
    fold.append(make("summary", "", { textContent: this.words.table }));
    const scroller = make("div", "lab-table", { tabIndex: 0 });
    scroller.setAttribute("role", "group");
    scroller.setAttribute("aria-label", `${this.words.table}: ${title}`);
    fold.append(scroller);
    node.append(caption, drawing);
    if (note) node.append(make("p", "lab-note", { textContent: note }));
    node.append(fold);
    this.node.append(node);
    let show = () => {};
    fold.addEventListener("toggle", () => show());
    const table = (head, rows) => {
      show = () => fold.open && scroller.replaceChildren(tableOf(title, head, rows()));
      show();
    };
    return { node, svg: drawing, table, width, height };
  }
}

function tableOf(title, head, rows) {
  const table = make("table");
  table.append(make("caption", "", { textContent: title }));
  const top = table.createTHead().insertRow();
  for (const words of head) top.append(make("th", "", { scope: "col", textContent: words }));
  const body = table.createTBody();
  for (const [first, ...others] of rows) {
    const row = body.insertRow();
    const of = make("th", "", { scope: "row" });
    of.append(...[first].flat());
    row.append(of);
    for (const value of others) row.append(make("td", "", { textContent: value }));
  }
  return table;
}
