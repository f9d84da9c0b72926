// What a reader keeps in this browser, and takes to another one in a file: texts by kind and id.
const KINDS = ["answer", "prediction"];
const VERSION = 1; // of the file
const LONGEST = 100_000; // signs of a text, and far more than anybody writes

// One for both languages of this site, and for no other site of the same host.
const site = new URL("../../..", import.meta.url).pathname;
const key = (kind, id) => `kept ${site} ${kind} ${id}`;
const isId = (id) => /^[\w./-]{1,200}$/.test(id);
const isText = (value) => typeof value === "string" && value.length <= LONGEST;

// What is kept, or null: there is nothing, or this browser keeps nothing.
export function get(kind, id) {
  try {
    return localStorage.getItem(key(kind, id));
  } catch {
    return null;
  }
}

// Keeps a text, or forgets it if it is null. Whether this browser did so.
export function set(kind, id, value) {
  if (!KINDS.includes(kind) || !isId(id)) throw new Error(`cannot keep ${kind} ${id}`);
  try {
    if (value === null) localStorage.removeItem(key(kind, id));
    else localStorage.setItem(key(kind, id), value);
    return true;
  } catch {
    return false; // forbidden, or full
  }
}

// The ids of a kind that begin like this, in their order.
export function ids(kind, start = "") {
  try {
    const keys = Object.keys(localStorage);
    const own = key(kind, "");
    const found = keys.filter((each) => each.startsWith(own)).map((each) => each.slice(own.length));
    return found.filter((id) => id.startsWith(start)).sort();
  } catch {
    return [];
  }
}

export const empty = () => KINDS.every((kind) => ids(kind).length === 0);

// All that is kept, as the text of a file.
export function exported() {
  const of = (kind) => Object.fromEntries(ids(kind).map((id) => [id, get(kind, id)]));
  const kept = Object.fromEntries(KINDS.map((kind) => [kind, of(kind)]));
  return `${JSON.stringify({ version: VERSION, kept }, null, 1)}\n`;
}

// What the last import found in the places of what it brought, for this visit: [kind, id, text or
// null] each. A tab keeps it from page to page, where the browser lets it.
const BEFORE = `before ${site}`;
let here = null;

export function before() {
  try {
    return JSON.parse(sessionStorage.getItem(BEFORE)) ?? here;
  } catch {
    return here;
  }
}

function remember(texts) {
  here = texts;
  try {
    sessionStorage.removeItem(BEFORE);
    if (texts) sessionStorage.setItem(BEFORE, JSON.stringify(texts));
  } catch {
    // `here` has it, for this page
  }
}

const name = ([kind, id]) => `${kind} ${id}`;
// The document gets an event `kept` with the names of what is other now.
const tell = (texts) => document.dispatchEvent(new CustomEvent("kept", { detail: texts.map(name) }));

// Undoes the last import: puts back what was in its places. Returns how many texts are `back`, and
// the names of those that are `unknown`: this browser has no more room for them.
export function undo() {
  const texts = before() ?? [];
  const left = texts.filter(([kind, id, text]) => !set(kind, id, text));
  remember(left.length ? left : null);
  tell(texts);
  return { back: texts.length - left.length, unknown: left.map(name) };
}

// Keeps what such a file holds, in the place of what is here. Returns how many texts were `taken`,
// how many others of this browser were `replaced`, and the names of those that are `unknown`, or
// that this browser had no room for; of a file that is none of ours, `problem`: "broken" or "version".
export function imported(text) {
  const done = { taken: 0, replaced: 0, unknown: [], problem: null };
  const found = [];
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    return { ...done, problem: "broken" };
  }
  if (!isObject(file) || !isObject(file.kept)) return { ...done, problem: "broken" };
  if (file.version !== VERSION) return { ...done, problem: "version" };
  for (const [kind, texts] of Object.entries(file.kept)) {
    if (!KINDS.includes(kind) || !isObject(texts)) {
      done.unknown.push(kind);
      continue;
    }
    for (const [id, value] of Object.entries(texts)) {
      const was = isId(id) ? get(kind, id) : null;
      if (!isId(id) || !isText(value) || !set(kind, id, value)) {
        done.unknown.push(`${kind} ${id}`);
        continue;
      }
      done.taken += 1;
      if (was !== null && was !== value) done.replaced += 1;
      found.push([kind, id, was]);
    }
  }
  if (found.length) {
    remember(found);
    tell(found);
  }
  return done;
}

// Hands a file to the reader.
export function download(name, text, type = "application/json") {
  const address = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
