// Making parts of a page; texts are always set as texts.

export function make(tag, name = "", more = {}) {
  return Object.assign(document.createElement(tag), { className: name, ...more });
}

export function svg(tag, attributes = {}, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

// A text with its places, `{}`, filled in.
export function filled(text, ...values) {
  return values.reduce((said, value) => said.replace("{}", () => value), text);
}

// A number as people read it: three digits, and powers of ten only where it is very large or small.
export function shown(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(3)));
  return value.toExponential(1);
}
