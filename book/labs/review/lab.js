// Your own review: what a bag of words and a recurrent network, trained by this page, make of it.
import { bagOfWords, recurrent, wordsOf } from "./networks.js";
import { Reading } from "./reading.js";

export function lab(stage, { words, glued, filled, shown }) {
  const { ids: known, n_timesteps: timesteps } = glued;
  const weights = Object.fromEntries(
    Object.entries(glued.weights).map(([name, values]) => [name, Float32Array.from(values)]),
  );
  const most = Math.max(...weights.bag.map(Math.abs));
  const titles = [words.first, words.second];
  const readings = titles.map((title) => new Reading(stage, { title, words, most, filled, shown }));

  function read(text) {
    const all = wordsOf(text).map((word) => ({ word, id: Object.hasOwn(known, word) ? known[word] : null }));
    const ids = all.filter(({ id }) => id !== null).map(({ id }) => id);
    const [before, ...after] = recurrent(weights, ids, timesteps);
    return { all, ids, before, after, bag: bagOfWords(weights, ids) };
  }

  return function* run({ sentence, other }) {
    const found = [read(sentence), other.trim() ? read(other) : null];
    yield;
    const said = (one, n) => {
      const numbers = [one.bag.probability, one.after.at(-1) ?? one.before].map(shown);
      return filled(words.said, titles[n], one.all.length, one.ids.length, ...numbers);
    };
    return {
      draw: () => found.forEach((one, n) => readings[n].draw(one)),
      said: () => found.filter(Boolean).map(said).join(" "),
    };
  };
}
