// The controls of a lab, one for each value of its state, each with its label.
import { make, shown } from "./dom.js";

function select(control, words) {
  const node = make("select");
  for (const choice of control.choices) {
    node.append(make("option", "", { value: choice, textContent: words.choices[choice] ?? choice }));
  }
  return { node, get: () => node.value, set: (value) => (node.value = value) };
}

// Several choices at once; the value has dots between them. `titles` are names that are no words of
// the page's language, but of `lang`.
function several(control, words) {
  const node = make("fieldset", "lab-several");
  node.append(make("legend", "", { textContent: words.controls[control.name] }));
  const boxes = control.choices.map((choice) => {
    const box = make("input", "", { type: "checkbox", value: choice });
    const title = control.titles?.[choice];
    const label = make("label", "", { textContent: title ?? words.choices[choice] ?? choice });
    if (title && control.lang) label.lang = control.lang;
    label.prepend(box);
    node.append(label);
    return box;
  });
  const get = () => boxes.filter((box) => box.checked).map((box) => box.value).join(".");
  const set = (value) => boxes.forEach((box) => (box.checked = value.split(".").includes(box.value)));
  return { node, get, set };
}

// A slider; on a logarithmic one each step is the same factor, and values have two digits.
function slider(control) {
  const { from, to, log } = control;
  const node = make("input", "", { type: "range" });
  const output = make("output", "", { ariaHidden: "true" }); // the slider says it itself
  const place = (value) => (log ? Math.log10(value) : value);
  const steps = log ? (place(to) - place(from)) / 200 : control.step;
  Object.assign(node, { min: place(from), max: place(to), step: steps });
  let exact = null; // what an address said, which may lie between two steps
  const get = () => exact ?? Number((log ? 10 ** node.value : Number(node.value)).toPrecision(log ? 2 : 6));
  const say = () => {
    output.textContent = shown(get());
    node.setAttribute("aria-valuetext", shown(get()));
  };
  node.addEventListener("input", () => {
    exact = null;
    say();
  });
  const set = (value) => {
    node.value = place(value);
    exact = value;
    say();
  };
  return { node, output, get: () => Math.min(to, Math.max(from, get())), set };
}

function number(control) {
  const { from: min, to: max } = control;
  const node = make("input", "", { type: "number", min, max, step: 1, inputMode: "numeric" });
  let last = control.start;
  const get = () => {
    const value = node.valueAsNumber;
    if (Number.isInteger(value) && value >= min && value <= max) last = value;
    return last; // half-typed numbers change nothing
  };
  return { node, get, set: (value) => (node.value = last = value) };
}

function text(control) {
  const node = make("textarea", "", { rows: 2, maxLength: control.longest });
  if (control.lang) node.lang = control.lang;
  return { node, get: () => node.value, set: (value) => (node.value = value) };
}

function kind(control) {
  if (control.several) return several;
  if (control.choices) return select;
  if (control.longest) return text;
  return control.step || control.log ? slider : number;
}

// `id` begins the ids of all; `change` is called with the state after each change of the reader's.
export function controls(all, words, id, change) {
  const form = make("div", "lab-controls");
  form.setAttribute("role", "group"); // no landmark, as a form is: a page may have several labs
  form.setAttribute("aria-label", words.settings);
  const made = all.map((control) => {
    const one = kind(control)(control, words);
    one.node.id = `${id}-${control.name}`;
    if (control.several) {
      form.append(one.node); // it has its name itself
      return { control, ...one };
    }
    const label = make("label", "", { htmlFor: one.node.id, textContent: words.controls[control.name] });
    const row = make("div", control.longest ? "lab-text" : "");
    row.append(label, one.node);
    if (one.output) row.append(one.output);
    form.append(row);
    return { control, ...one };
  });
  const state = () => Object.fromEntries(made.map(({ control, get }) => [control.name, get()]));
  // A control that counts only for one value of another is off for the others.
  const fit = () => {
    const now = state();
    for (const { control, node } of made) {
      if (control.when) node.disabled = now[control.when[0]] !== control.when[1];
    }
  };
  form.addEventListener("input", () => {
    fit();
    change(state());
  });
  const set = (values) => {
    for (const { control, set: put } of made) put(values[control.name]);
    fit();
  };
  return { form, set };
}
