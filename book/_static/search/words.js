// Words of a query: particles and endings of Korean, words that say little, halves of compounds.
const PARTICLES = (
  "은 는 이 가 을 를 의 에 에서 에게 와 과 로 으로 도 만 까지 부터 보다 처럼 마다 이나 나 란 이란 " +
  "이라는 라는 이다 인가 인지 입니다 에는 에도 에만 에서는 에서도 으로는 로는 와의 과의 들 들이 들을 들의 " +
  "하다 하는 하기 하면 한 할 해 했다 했을 하고 하여 합니다 하지 되는 되다 되면 된 될 되고 됩니다 시키는 " +
  "는 은 을 ㄹ 면 으면 고 기 지 서 어서 아서 던 던지 니다 습니다 는가 은가 는지 은지 나요 까요 네요"
).split(" ").sort((one, other) => other.length - one.length);
const WEAK = new Set(
  ("방법 이유 까닭 때 왜 안 못 것 수 무엇 무엇인가 뭐 뭔가요 어떻게 언제 쓰면 쓰는 하면 되나요 되는 이란 좋은 늘 다 " +
    "a an the of in on at to for with and or is are be do does did not how what why when where which it " +
    "than same using use").split(" "),
);
const HANGUL = /^[가-힣]+$/;

export const wordsOf = (text) => text.match(/[\p{L}\p{N}_]+/gu) ?? [];
export const isWeak = (word) => WEAK.has(word);

// What stays of a Korean word without its particle or ending; two syllables at least.
export function stemsOf(word) {
  const stem = /^([a-z0-9_]+)[가-힣]+$/.exec(word);
  if (stem) return [stem[1]];
  if (!HANGUL.test(word)) return [];
  const ending = PARTICLES.find((ending) => word.length - ending.length >= 2 && word.endsWith(ending));
  return ending ? [word.slice(0, -ending.length)] : [];
}

// Ways to divide a Korean compound that the glossary does not know.
export function halvesOf(word) {
  const stem = stemsOf(word)[0] ?? word;
  if (!HANGUL.test(stem) || stem.length < 4) return [];
  const cuts = Array.from({ length: stem.length - 3 }, (_, cut) => cut + 2);
  return cuts.map((cut) => `${stem.slice(0, cut)} ${stem.slice(cut)}`);
}

// Whether `rest`, which follows a name in one word, is only its particle or ending.
export function endsWord(name, rest) {
  if (rest === "") return true;
  if (/[가-힣]/.test(rest)) return PARTICLES.includes(rest);
  return /^[a-z]/.test(rest) && /^(s|es)$/.test(rest);
}

// What inflected forms of a word begin with, to mark them in an excerpt.
export function baseOf(word) {
  if (!/^[a-z]+$/.test(word) || word.length < 6) return word;
  return word.replace(/(ations?|i[sz]ations?|i[sz]e[sd]?|i[sz]ing|ing|ed|es|s|e)$/, "");
}
