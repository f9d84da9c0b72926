// Turns what a reader types into queries for Pagefind, and Pagefind's answers into results.
// The index is made by bookwright/search/index.py: text in NFD, particles apart (marked with U+2060).
import { Endings, HANGUL, isWeak, wordsOf } from "./words.js";

const SHOWN = 10;
const LOOKED_AT = 20; // so many first ones of Pagefind's are ranked by their titles, too
// How much a part of the query counts against an ordinary word.
const [NAME, VERB, WEAK] = [1.4, 0.4, 0.15];
// Names of the same thing: the one that was typed (the book's own counts 1), and all others.
const [TYPED, OTHER] = [1.15, 0.8];
// A section whose title is the query, or what it begins with; an entry of the glossary that only
// mentions it; a page about the book, which mentions everything (`ranked_lower` in _config.yml);
// exercises, which ask for what another section explains.
const [EXACT, BEGUN, MENTION, LOWER, EXERCISES] = [2, 1.25, 0.6, 0.4, 0.85];
// What a section gets for holding a word at all; the rest follows Pagefind's ranking.
const HELD = 0.3;
const RANKING = {
  termSimilarity: 3, // "he" is no hint of "hence"
  metaWeights: { title: 4, exercises: 4, page: 2, term: 1, lower: 1, code: 0.3, notes: 0.2 },
};

const fold = (text) => text.normalize("NFKC").toLowerCase();
const bare = (text) => wordsOf(fold(text)).join("");

export const display = (text) => text.normalize("NFC").replace(/ \u2060/g, "");

export class Engine {
  // `root` is the address of the folder that holds both languages, ending in a slash.
  static async load(root) {
    const engine = new Engine();
    const answer = fetch(`${root}pagefind/words.json`);
    const pagefind = await import(`${root}pagefind/pagefind.js`);
    await pagefind.options({
      baseUrl: root,
      noWorker: true, // a search takes milliseconds, a worker another 40 kB
      ranking: RANKING,
    });
    await pagefind.init();
    const words = await (await answer).json();
    engine.pagefind = pagefind;
    engine.endings = new Endings(words, `${root}pagefind/nouns/`);
    engine.names = new Map(); // a name without spaces and hyphens: all names of the same thing
    for (const names of words.names) {
      for (const name of names) engine.names.set(bare(name), names);
    }
    const named = words.names.flat().flatMap((name) => wordsOf(fold(name)));
    engine.inNames = new Set(named.filter((word) => HANGUL.test(word)));
    engine.longest = Math.max(...[...engine.names.keys()].map((name) => name.length));
    const language = document.documentElement.lang;
    engine.own = Object.keys(words.sections).indexOf(language); // names: each language's, others
    engine.size = words.sections[language];
    engine.cache = new Map();
    return engine;
  }

  // Parts of a query: each has ways to find it, [words, weight], of which the best counts.
  async parts(query) {
    const words = wordsOf(fold(query));
    const joined = words.join("");
    const ends = [];
    for (const word of words) ends.push((ends.at(-1) ?? 0) + word.length);
    const parts = [];
    let after = false; // right behind a name, where only another name may begin
    for (let at = 0; at < joined.length; ) {
      const end = ends.find((end) => end > at);
      const name = this.nameAt(joined, at, ends);
      if (name) {
        parts.push({ weight: NAME, ways: this.waysOf(name) });
        at += name.length;
        after = !ends.includes(at);
      } else {
        const word = joined.slice(at, end);
        if (!after) parts.push(await this.part(word)); // else it is the name's particle
        at = end;
        after = false;
      }
    }
    return parts;
  }

  // The longest name of the glossary that starts here and ends where a word or its stem ends.
  nameAt(joined, at, ends) {
    for (let length = Math.min(this.longest, joined.length - at); length > 1; length--) {
      if (!this.names.has(joined.slice(at, at + length))) continue;
      const to = at + length;
      const rest = joined.slice(to, ends.find((end) => end >= to));
      if (this.endings.ends(rest) || this.nameAt(joined, to, ends)) {
        return joined.slice(at, to);
      }
    }
    return null;
  }

  waysOf(typed) {
    const names = this.names.get(typed);
    return names.map((name, index) => {
      const words = wordsOf(fold(name)).join(" ");
      return [words, bare(name) === typed ? TYPED : index === this.own ? 1 : OTHER];
    });
  }

  async part(word) {
    const { stem, verb } = this.endings.stem(word);
    const halves = await this.endings.halves(word);
    const ways = halves ? [[halves, 1]] : [...new Set([word, stem])].map((way) => [way, 1]);
    for (const longer of this.inNames) {
      // Pagefind finds what begins with a word: 역전파 is not found by 전파.
      if (HANGUL.test(stem) && stem.length > 1 && longer.indexOf(stem) > 0) ways.push([longer, OTHER]);
    }
    return { weight: isWeak(word) ? WEAK : verb ? VERB : 1, ways };
  }

  async results(way) {
    if (!this.cache.has(way)) {
      const found = this.pagefind.search(way.normalize("NFD"));
      this.cache.set(way, found.then((found) => found?.results ?? []));
    }
    return this.cache.get(way);
  }

  // What a hit is worth: the rarer, the more.
  worth(hits) {
    return Math.log(1 + this.size / (1 + hits));
  }

  // Scores of the sections in which a part of the query stands.
  async scores(part, sections) {
    const found = await Promise.all(part.ways.map(([way]) => this.results(way)));
    const all = new Set(found.flatMap((results) => results.map((result) => result.id)));
    const best = new Map();
    found.forEach((results, index) => {
      const weight = part.ways[index][1];
      const highest = Math.max(...results.map((result) => result.score));
      const worth = this.worth(weight > 1 ? results.length : all.size);
      for (const result of results) {
        sections.set(result.id, result);
        const score = weight * worth * (HELD + ((1 - HELD) * result.score) / highest);
        best.set(result.id, Math.max(best.get(result.id) ?? 0, score));
      }
    });
    return best;
  }

  // The sections that hold most of the query, best first.
  async find(query) {
    const parts = await this.parts(query);
    const sections = new Map();
    const totals = new Map();
    for (const part of parts) {
      for (const [id, score] of await this.scores(part, sections)) {
        const { sum = 0, held = 0 } = totals.get(id) ?? {};
        totals.set(id, { sum: sum + part.weight * score, held: held + part.weight });
      }
    }
    const weights = parts.reduce((sum, part) => sum + part.weight, 0);
    const ranked = [...totals].map(([id, { sum, held }]) => ({ id, score: (sum * held) / weights }));
    ranked.sort((one, other) => other.score - one.score);
    const load = async ({ id, score }) => ({ score, ...(await sections.get(id).data()) });
    const results = await Promise.all(ranked.slice(0, LOOKED_AT).map(load));
    const typed = bare(query);
    const names = new Set(parts.flatMap((part) => part.ways.map(([way]) => bare(way))));
    for (const result of results) {
      const { title: own, exercises, term, lower } = result.meta;
      const title = bare(display(own ?? exercises ?? term ?? lower));
      const whole = typed === title || (parts.length === 1 && names.has(title));
      if (lower) result.score *= LOWER;
      else if (exercises) result.score *= EXERCISES;
      else if (own && whole) result.score *= EXACT;
      else if (own && typed.startsWith(title)) result.score *= BEGUN;
      else if (term && !names.has(title)) result.score *= MENTION;
      result.url = result.url.replace(/\/([^/]+)\.html$/, ".html#$1");
    }
    results.sort((one, other) => other.score - one.score);
    return { count: ranked.length, results: results.slice(0, SHOWN), parts };
  }
}
