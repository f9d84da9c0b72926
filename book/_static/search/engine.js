// Turns what a reader types into queries for Pagefind, and Pagefind's answers into results.
// The index is made by tools/search.py: text in NFD, particles apart (marked with JOINER).
import { wordsOf, stemsOf, halvesOf, isWeak, endsWord } from "./words.js";

const JOINER = / \u2060/g;
const SHOWN = 10;
const fold = (text) => text.normalize("NFKC").toLowerCase();

export const display = (text) => text.normalize("NFC").replace(JOINER, "");

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

export class Engine {
  // `root` is the address of the folder that holds both languages, ending in a slash.
  static async load(root) {
    const engine = new Engine();
    const pagefind = await import(`${root}pagefind/pagefind.js`);
    await pagefind.options({
      baseUrl: root,
      ranking: { metaWeights: { title: 4, page: 0.6, code: 0.3, kind: 0 }, termSimilarity: 1 },
    });
    const [terms] = await Promise.all([json(`${root}pagefind/terms.json`), pagefind.init()]);
    engine.pagefind = pagefind;
    engine.names = new Map(); // a name without spaces and hyphens: all names of the same thing
    for (const names of terms) {
      for (const name of names) engine.names.set(wordsOf(fold(name)).join(""), names.map(fold));
    }
    engine.longest = Math.max(...[...engine.names.keys()].map((name) => name.length));
    engine.cache = new Map();
    return engine;
  }

  // Parts of a query: each a list of [words, weight], of which the best counts.
  parts(query) {
    const words = wordsOf(fold(query));
    const joined = words.join("");
    const ends = new Set();
    words.reduce((end, word) => (ends.add(end + word.length), end + word.length), 0);
    const starts = new Set([0, ...ends]);
    const parts = [];
    for (let at = 0; at < joined.length; ) {
      const end = Math.min(...[...ends].filter((end) => end > at));
      const name = starts.has(at) ? this.nameAt(joined, at, ends) : null;
      if (name) {
        const typed = words.length > 1 || ends.has(at + name.length) ? name : name;
        const names = this.names.get(name);
        parts.push({ text: name, weight: 1, ways: names.map((way) => [wordsOf(way).join(" "), 1]) });
        at += name.length;
        const next = Math.min(...[...ends].filter((end) => end >= at));
        if (this.nameAt(joined, at, ends)) starts.add(at);
        else at = next; // what is left of the word is a particle
        continue;
      }
      const word = joined.slice(at, end);
      const ways = [[word, 1], ...stemsOf(word).map((stem) => [stem, 1])];
      ways.push(...halvesOf(word).map((halves) => [halves, 0.7]));
      parts.push({ text: word, weight: isWeak(word) ? 0.15 : 1, ways });
      at = end;
    }
    return parts;
  }

  // The longest name of the glossary that starts here and ends where a word or its stem ends.
  nameAt(joined, at, ends) {
    for (let length = Math.min(this.longest, joined.length - at); length > 1; length--) {
      const name = joined.slice(at, at + length);
      if (!this.names.has(name)) continue;
      const end = Math.min(...[...ends].filter((end) => end >= at + length));
      const rest = joined.slice(at + length, end);
      if (endsWord(name, rest) || this.nameAt(joined, at + length, ends)) return name;
    }
    return null;
  }

  async scores(way) {
    if (!this.cache.has(way)) {
      this.cache.set(
        way,
        this.pagefind.search(way.normalize("NFD")).then((found) => found?.results ?? []),
      );
    }
    return this.cache.get(way);
  }

  // Results for a query, best first, or null when a newer query has overtaken this one.
  async find(query) {
    const parts = this.parts(query);
    const total = new Map();
    const handles = new Map();
    for (const part of parts) {
      const best = new Map();
      for (const [way, weight] of part.ways) {
        for (const result of await this.scores(way)) {
          handles.set(result.id, result);
          best.set(result.id, Math.max(best.get(result.id) ?? 0, weight * result.score));
        }
      }
      const highest = Math.max(...best.values());
      const rarity = Math.log(1 + 180 / (1 + best.size)) * part.weight;
      for (const [id, score] of best) {
        const [sum, count] = total.get(id) ?? [0, 0];
        total.set(id, [sum + rarity * (0.3 + 0.7 * score / highest), count + part.weight]);
      }
    }
    const weights = parts.reduce((sum, part) => sum + part.weight, 0);
    const ranked = [...total]
      .map(([id, [sum, count]]) => [id, sum * (count / weights)])
      .sort((one, other) => other[1] - one[1]);
    const results = await Promise.all(
      ranked.slice(0, SHOWN).map(async ([id, score]) => ({ score, ...(await handles.get(id).data()) })),
    );
    return { count: ranked.length, results, parts };
  }
}
