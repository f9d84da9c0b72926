// The lab of any figure of curves: choose curves and runs, read values, smooth, change the axis. All
// it knows is the figure's CSV, which is loaded when the lab is opened.
import { panels as read, slugs } from "./data.js";
import { Panel } from "./panel.js";

const MANY = 4; // panels; of more, the first two are shown at first

// The figure's data: the link to its CSV stands beside its tables.
async function csv(key) {
  const link = document.getElementById(`data-${key}`).parentElement.querySelector("a[download]");
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return answer.text();
}

export async function lab(stage, { words, filled, box, set }) {
  const { head, log: logs = "" } = box.dataset;
  const all = read(await csv(box.id.replace(/^lab-/, "")));
  const lang = words.drawn_in;
  const names = slugs(all.flatMap(({ curves }) => curves.map(({ name }) => name)));
  const titles = slugs(all.map(({ name }) => name));
  const parts = new Set(all.flatMap(({ curves }) => curves.flatMap((curve) => [...curve.parts.keys()])));
  const runs = ["mean", ...[...parts].filter((part) => /^\d/.test(part)).sort((one, other) => one - other)];
  const title = (part) => (part === "mean" ? words.mean : filled(words.run, part));
  const [first, last] = [
    Math.min(...all.map(({ places }) => places[0])),
    Math.max(...all.map(({ places }) => places.at(-1))),
  ];
  const longest = Math.max(...all.map(({ places }) => places.length));
  words.controls.at = filled(words.controls.at, head);
  const start = [...titles.keys()].slice(0, titles.size > MANY ? 2 : titles.size);
  const several = (name, choices, more) => ({ name, several: true, choices, start: choices.join("."), ...more });
  const controls = [
    several("panels", [...titles.keys()], { titles: Object.fromEntries(titles), lang, start: start.join(".") }),
    several("curves", [...names.keys()], { titles: Object.fromEntries(names), lang }),
    several("runs", runs, { titles: Object.fromEntries(runs.map((part) => [part, title(part)])) }),
    { name: "smooth", from: 0, to: Math.floor(longest / 4), step: 1, whole: true, start: 0 },
    { name: "axis", choices: ["figure", "linear", "log"], start: "figure" },
    { name: "at", from: first, to: last, step: 1, whole: true, start: last },
  ].filter((control) => !control.several || control.choices.length > 1);

  let picked = null;
  let now = null;
  const pointed = (place, name, part) => {
    picked = place === null ? null : { name, part };
    if (place !== null && place !== now.at) set({ at: place });
    else show();
  };
  const looks = [...names.values()];
  const made = all.map((panel, k) => {
    const figure = stage.figure({ title: panel.name, size: [360, 250] });
    return { figure, log: logs.split(" ").includes(String(k)), panel: new Panel(figure, panel, { words, head, lang, looks, title, pointed }) };
  });
  const chosen = (name, map) => {
    const slugs = now[name]?.split(".") ?? [...map.keys()]; // with one choice there is nothing to set
    return new Set(slugs.map((slug) => map.get(slug)));
  };
  const shown = () => made.filter((_, k) => chosen("panels", titles).has(all[k].name));
  const show = () => {
    const curves = chosen("curves", names);
    const { smooth: around, axis, at, runs: parts = "mean" } = now;
    for (const { figure } of made) figure.node.hidden = true;
    for (const { figure, panel, log } of shown()) {
      figure.node.hidden = false;
      const isLog = axis === "log" || (axis === "figure" && log);
      panel.draw({ curves, runs: parts.split("."), around, log: isLog, at, picked });
    }
  };
  function* run(state) {
    now = state;
    return {
      draw: show,
      said: () => `${head} ${now.at}. ${shown().map(({ panel }) => panel.said(now)).join(" ")}`,
      heard: true,
    };
  }
  return { run, controls };
}
