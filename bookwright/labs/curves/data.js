// What the CSV of a figure holds: panels of curves over whole numbers, and the runs of each curve.

// Lines of values, as Python's `csv` writes them.
function fields(text) {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    );
}

const PART = / (lowest|highest|run (\d+))$/;

// The panels: { name, places, curves, lines }. A curve has its `name` and its `parts`: "mean"
// (or its only line), "lowest" and "highest", and the numbers of its runs. Each is an array over the
// places of texts, as the CSV has them, "" where there is none; `lines` are horizontal ones.
// Panels are left out as `of_figures.py` leaves them out.
export function panels(text) {
  const found = new Map();
  for (const [name, place, column, value] of fields(text).slice(1)) {
    if (!found.has(name)) found.set(name, { name, columns: new Map(), lines: [] });
    const panel = found.get(name);
    if (place === "horizontal line") panel.lines.push(Number(value));
    if (/ line$/.test(place) && !column) continue;
    if (!panel.columns.has(column)) panel.columns.set(column, new Map());
    const values = panel.columns.get(column);
    if (values.has(place)) panel.twice = true;
    values.set(place, value);
  }
  return [...found.values()].map(ordered).filter(Boolean);
}

const LEAST = 5; // places of a panel

function ordered({ name, columns, lines, twice }) {
  const keys = new Map(); // of places, as they are written
  for (const values of columns.values()) for (const place of values.keys()) keys.set(Number(place), place);
  const places = [...keys.keys()].sort((one, other) => one - other);
  const whole = places.every((place, k) => Number.isInteger(place) && place === places[0] + k);
  const isImage = [...columns.keys()].every((column) => /^-?[\d.]+(e[+-]?\d+)?$/.test(column));
  if (twice || !whole || isImage || places.length < LEAST) return null;
  const texts = (values) => places.map((place) => values.get(keys.get(place)) ?? "");
  const curves = new Map();
  for (const [column, values] of columns) {
    const [end, part, run] = PART.exec(column) ?? [""];
    const own = column.slice(0, column.length - end.length);
    const of = end && columns.has(own) ? own : column;
    if (!curves.has(of)) curves.set(of, { name: of, parts: new Map() });
    curves.get(of).parts.set(of === column ? "mean" : (run ?? part), texts(values));
  }
  return { name, places, curves: [...curves.values()], lines };
}

// Texts as numbers; where there is none, not a number.
export function numbers(texts) {
  return texts.map((text) => (text === "" ? NaN : Number(text)));
}

// Means of each value and up to `around` of its neighbours on either side, as far as there are any.
export function smoothed(values, around) {
  return values.map((value, k) => {
    if (!Number.isFinite(value)) return NaN;
    const near = values.slice(Math.max(0, k - around), k + around + 1).filter(Number.isFinite);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
}

// What each name is called in an address: Map from that to the name; as `of_figures.py` does it.
export function slugs(names) {
  const found = new Map();
  for (const name of new Set(names)) {
    let slug = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    while (found.has(slug)) slug += "-2";
    found.set(slug, name);
  }
  return found;
}
