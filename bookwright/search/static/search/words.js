// Words of a query: particles and endings of Korean, words that say little, halves of compounds.
const WEAK = new Set(
  ("방법 방법은 이유 이유는 까닭 때 왜 안 못 것 수 무엇 무엇인가 뭐 뭔가요 뭐야 어떻게 언제 쓰면 쓰는 하면 하는 되나요 되는 이란 " +
    "식 공식 수식 정의 뜻 의미 예제 설명 좋은 늘 다 더 잘 그 이 및 또는 그리고 나요 있나요 하나요 " +
    "a an the of in on at to for with and or is are be do does did not how what why when where which it " +
    "formula equation definition meaning example explain explanation than same many much against using use too").split(" "),
);
export const HANGUL = /^[가-힣]+$/;

export const wordsOf = (text) => text.match(/[\p{L}\p{N}_]+/gu) ?? [];
export const isWeak = (word) => WEAK.has(word);

// Knows the endings that bookwright/search/korean.py lists.
export class Endings {
  // `folder` is the address of the files of nouns, which bookwright/search/index.py divides by first syllable.
  constructor({ particles, endings, nounFiles }, folder) {
    this.folder = folder;
    this.nounFiles = nounFiles;
    this.nouns = new Map(); // by number of the file, loaded when a query asks for it
    const longest = (list) => [...list].sort((one, other) => other.length - one.length);
    this.particles = longest(particles);
    this.endings = longest(endings);
  }

  // What stays of a word without its particle or ending, and whether it was a verb's.
  stem(word) {
    const latin = /^([a-z0-9_]+)[가-힣]+$/.exec(word);
    if (latin) return { stem: latin[1], verb: false };
    if (!HANGUL.test(word)) return { stem: word, verb: false };
    for (const [list, verb] of [[this.particles, false], [this.endings, true]]) {
      const end = list.find((end) => word.endsWith(end) && word.length - end.length >= 2);
      if (end) return { stem: word.slice(0, -end.length), verb: verb || this.endings.includes(end) };
    }
    const short = /^(.)([은는을를])$/.exec(word); // 식을, 막는
    return { stem: short?.[1] ?? word, verb: short?.[2] === "는" };
  }

  // Whether `rest`, which follows a name in one word, is only its particle or plural.
  ends(rest) {
    return rest === "" || this.particles.includes(rest) || /^e?s$/.test(rest);
  }

  async isNoun(word) {
    const file = word.codePointAt(0) % this.nounFiles;
    if (!this.nouns.has(file)) {
      const answer = fetch(`${this.folder}${file}.json`);
      this.nouns.set(file, answer.then((answer) => answer.json()).then((nouns) => new Set(nouns)));
    }
    return (await this.nouns.get(file)).has(word);
  }

  // A Korean compound that the glossary does not know, as two nouns that the book knows.
  async halves(word) {
    const { stem } = this.stem(word);
    if (!HANGUL.test(stem) || stem.length < 4 || (await this.isNoun(stem))) return null;
    for (let cut = stem.length - 2; cut >= 2; cut--) {
      const [one, other] = [stem.slice(0, cut), stem.slice(cut)];
      if ((await this.isNoun(one)) && (await this.isNoun(other))) return `${one} ${other}`;
    }
    return null;
  }
}

// What the inflected forms of an English word begin with, to mark them in an excerpt.
export function baseOf(word) {
  if (!/^[a-z]+$/.test(word) || word.length < 6) return word;
  return word.replace(/(ations?|i[sz]ations?|i[sz]e[sd]?|i[sz]ing|ing|ed|es|s|e)$/, "");
}
