// The piece of a text in which most of the query stands, with what was found marked.
import { display } from "./engine.js";
import { wordsOf, baseOf } from "./words.js";

const LENGTH = 26; // words
const BEFORE = 5;

// Returns { pieces: what to append to an element, hits: the words that were found }.
export function excerpt(text, parts, whole = false) {
  const sought = parts
    .filter((part) => part.weight > 0.2 || parts.length === 1)
    .map((part) => part.ways.flatMap(([way]) => wordsOf(way).map((word) => baseOf(word))));
  const words = text.normalize("NFC").split(" ");
  const found = words.map((word) => partsIn(word, sought));
  let best = 0;
  let most = -1;
  for (let at = 0; !whole && at < words.length; at++) {
    const seen = new Set(found.slice(at, at + LENGTH - BEFORE).flatMap((hit) => hit.parts));
    if (found[at].parts.length && seen.size > most) [best, most] = [at, seen.size];
  }
  const from = whole ? 0 : Math.max(0, best - BEFORE);
  const to = whole ? words.length : from + LENGTH;
  const pieces = from > 0 ? ["… "] : [];
  for (let at = from; at < Math.min(to, words.length); at++) {
    const next = words[at + 1] ?? "";
    pieces.push(...found[at].pieces.map((piece) => piece), next.startsWith("\u2060") ? "" : " ");
  }
  if (to < words.length) pieces.push("…");
  return { pieces, hits: [...new Set(found.flatMap((hit) => hit.words))] };
}

// A word of the text in pieces, marked where it begins with a word of the query.
function partsIn(word, sought) {
  const pieces = [];
  const hits = { parts: [], words: [], pieces };
  for (const piece of display(` ${word}`).trimStart().split(/([\p{L}\p{N}_]+)/u)) {
    const letters = piece.normalize("NFKC").toLowerCase().normalize("NFD");
    const part = piece ? sought.findIndex((bases) => bases.some((base) => begins(letters, base))) : -1;
    if (part < 0) {
      pieces.push(piece);
      continue;
    }
    const mark = document.createElement("mark");
    mark.textContent = piece;
    pieces.push(mark);
    hits.parts.push(part);
    hits.words.push(piece);
  }
  return hits;
}

const begins = (letters, base) => base !== "" && letters.startsWith(base.normalize("NFD"));
