// Layers of one width, forward and back: plain numbers, in 64 bits as NumPy has them.

const FUNCTIONS = {
  sigmoid: { value: (z) => 1 / (1 + Math.exp(-z)), slope: (z, h) => h * (1 - h) },
  tanh: { value: Math.tanh, slope: (z, h) => 1 - h * h },
  relu: { value: (z) => (z > 0 ? z : 0), slope: (z) => (z > 0 ? 1 : 0) },
};

// The standard deviation by which each rule draws the weights of a layer; `own` is the reader's.
export const SPREADS = {
  zeros: () => 0,
  glorot: (inputs, units) => Math.sqrt(2 / (inputs + units)),
  he: (inputs) => Math.sqrt(2 / inputs),
  lecun: (inputs) => Math.sqrt(1 / inputs),
  own: (inputs, units, std) => std,
};

// Rows of `left`, of `width` numbers each, times a square matrix, or its transpose.
function product(left, matrix, scale, width, transposed) {
  const out = new Float64Array(left.length);
  for (let row = 0; row < left.length; row += width) {
    for (let i = 0; i < width; i++) {
      if (transposed) {
        let sum = 0;
        for (let j = 0, at = i * width; j < width; j++) sum += left[row + j] * matrix[at + j];
        out[row + i] = scale * sum;
      } else {
        const value = scale * left[row + i];
        if (value === 0) continue; // half of what ReLU hands on
        for (let j = 0, at = i * width; j < width; j++) out[row + j] += value * matrix[at + j];
      }
    }
  }
  return out;
}

// Goes forward through all layers, then back. Each layer is z = h W, without biases, and h = f(z).
// Arguments: the activation's name; inputs and the gradient that comes in at the last layer, rows
// of `width` numbers; one drawn matrix a layer, and the standard deviation that it is multiplied by.
// Yields after each layer, so that others can take a turn; `activations` and `gradients` (dL/dh),
// one array a layer, are filled on the way.
export function* propagate({ activation, inputs, gradient, drawn, std, width }, found) {
  const { value, slope } = FUNCTIONS[activation];
  const scores = [];
  let flowing = inputs;
  for (const matrix of drawn) {
    const z = product(flowing, matrix, std, width, false);
    scores.push(z);
    flowing = z.map((each) => value(each));
    found.activations.push(flowing);
    yield;
  }
  flowing = gradient;
  for (let layer = drawn.length - 1; layer >= 0; layer--) {
    found.gradients[layer] = flowing;
    const h = found.activations[layer];
    const delta = flowing.map((each, k) => each * slope(scores[layer][k], h[k]));
    if (layer > 0) flowing = product(delta, drawn[layer], std, width, true);
    yield;
  }
}

export function rootMeanSquare(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}

// The share of the values in each of `bins` equal parts of the range from -most to most, and beyond.
export function histogram(values, most, bins) {
  const shares = new Float64Array(bins);
  let beyond = 0;
  for (const value of values) {
    const bin = Math.floor(((value + most) / (2 * most)) * bins);
    if (bin >= 0 && bin < bins) shares[bin] += 1;
    else if (value === most) shares[bins - 1] += 1; // as NumPy: the last bin holds its edge
    else beyond += 1;
  }
  return { shares: shares.map((count) => count / values.length), beyond: beyond / values.length };
}

// Minimum, quartiles and maximum, between two values by straight lines as NumPy does.
export function quartiles(values) {
  const sorted = Float64Array.from(values).sort();
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = share * (sorted.length - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  });
}
