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
// of `width` numbers; one drawn matrix a layer (any iterable), and the standard deviation that it is multiplied by.
// Yields after each layer, so that others can take a turn; `activations` and `gradients` (dL/dh),
// one array a layer, are filled on the way.
export function* propagate({ activation, inputs, gradient, drawn, std, width }, found) {
  const { value, slope } = FUNCTIONS[activation];
  const scores = [];
  const matrices = [];
  let flowing = inputs;
  for (const matrix of drawn) {
    const layer = matrices.push(matrix) - 1;
    scores.push(product(flowing, matrix, std, width, false));
    flowing = scores[layer].map((z) => value(z));
    found.activations[layer] = flowing;
    yield;
  }
  flowing = gradient;
  for (let layer = matrices.length - 1; layer >= 0; layer--) {
    found.gradients[layer] = flowing;
    const h = found.activations[layer];
    const delta = flowing.map((each, k) => each * slope(scores[layer][k], h[k]));
    if (layer > 0) flowing = product(delta, matrices[layer], std, width, true);
    yield;
  }
}

export function rootMeanSquare(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
