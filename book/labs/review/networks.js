// A sentence as the networks of the page read it, and their answers: plain numbers, in 64 bits.

// What the words of the data set were divided by; apostrophes belong to words ("don't"). Telephones
// write curly apostrophes, quotation marks and dashes, of which the data set knows nothing.
const BETWEEN = /[\s!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~“”…–—]+/;

export function wordsOf(text) {
  return text.toLowerCase().replace(/[‘’]/g, "'").split(BETWEEN).filter(Boolean);
}

const sigmoid = (score) => 1 / (1 + Math.exp(-score));

// The bag of words: what each id adds to the score, nothing when it comes again, and the probability.
export function bagOfWords({ bag, bag_bias: [bias] }, ids) {
  const read = new Set();
  const adds = ids.map((id) => {
    const added = read.has(id) ? 0 : bag[id];
    read.add(id);
    return added;
  });
  return { adds, bias, probability: sigmoid(adds.reduce((sum, added) => sum + added, bias)) };
}

// The recurrent network: the probability before the first id, and after each. As in training, padding
// (id 0) is read in front until there are `timesteps` ids; of more the end is read, which leaves NaN.
export function recurrent({ w1x, w1h, b1, w2, b2: [b2] }, ids, timesteps) {
  const units = b1.length;
  let h = new Float64Array(units);
  const step = (id) => {
    h = h.map((_, j) => {
      let z = w1x[id * units + j] + b1[j];
      for (let i = 0; i < units; i++) z += h[i] * w1h[i * units + j];
      return Math.tanh(z);
    });
  };
  const probability = () => sigmoid(h.reduce((score, value, j) => score + value * w2[j], b2));
  for (let k = ids.length; k < timesteps; k++) step(0);
  const unread = Math.max(0, ids.length - timesteps);
  return [
    probability(),
    ...ids.map((id, n) => {
      if (n < unread) return NaN;
      step(id);
      return probability();
    }),
  ];
}
