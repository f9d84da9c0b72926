// A network of two inputs, two hidden layers and one output, trained by Adam: plain numbers, in 64
// bits as NumPy has them. An array of (rows, columns) is one row after the other.

// rows x inner times inner x columns; with `turn` one of the two is taken transposed.
function product(left, right, rows, inner, columns, turn = "") {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const value = turn === "left" ? left[k * rows + i] : left[i * inner + k];
      if (value === 0) continue;
      for (let j = 0; j < columns; j++) {
        out[i * columns + j] += value * right[turn === "right" ? j * inner + k : k * columns + j];
      }
    }
  }
  return out;
}

function scores(inputs, kernel, bias) {
  const rows = inputs.length / (kernel.length / bias.length);
  const z = product(inputs, kernel, rows, kernel.length / bias.length, bias.length);
  return z.map((each, k) => each + bias[k % bias.length]);
}

// All that a forward pass makes of points (two numbers each), given [w1, b1, w2, b2, w3, b3].
// `masks` holds for each hidden layer one factor a value, 0 or 1 / (1 - rate); none at inference.
function forward(parameters, points, masks) {
  const outputs = [points];
  for (const layer of [0, 1]) {
    const z = scores(outputs[layer], parameters[2 * layer], parameters[2 * layer + 1]);
    const mask = masks?.[layer];
    outputs.push(z.map((each, k) => (each > 0 ? each : 0) * (mask ? mask[k] : 1)));
  }
  const logits = scores(outputs[2], parameters[4], parameters[5]);
  return { outputs, answers: logits.map((z) => 1 / (1 + Math.exp(-z))), logits };
}

// The probability of class 1 at each point.
export function answers(parameters, points) {
  return forward(parameters, points).answers;
}

// The mean cross-entropy, without penalty and without dropout, and the share of right answers.
export function score(parameters, points, labels) {
  const { logits } = forward(parameters, points);
  let loss = 0;
  let right = 0;
  logits.forEach((z, k) => {
    // log(1 + exp(-z)) for label 1, log(1 + exp(z)) for label 0, safe for large z.
    const signed = labels[k] ? -z : z;
    loss += Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
    right += z > 0 === labels[k] > 0;
  });
  return { loss: loss / labels.length, accuracy: right / labels.length };
}

// The gradient of cross-entropy plus l1 * sum |w| + l2 * sum w^2, over the three kernels.
export function gradients(parameters, points, labels, masks, { l1, l2 }) {
  const { outputs, answers: given } = forward(parameters, points, masks);
  const rows = labels.length;
  let delta = given.map((answer, k) => (answer - labels[k]) / rows);
  const found = [];
  for (let layer = 2; layer >= 0; layer--) {
    const kernel = parameters[2 * layer];
    const units = parameters[2 * layer + 1].length;
    const inputs = kernel.length / units;
    const bias = new Float64Array(units);
    delta.forEach((each, k) => (bias[k % units] += each));
    const own = product(outputs[layer], delta, inputs, rows, units, "left");
    found.unshift(own.map((each, k) => each + l1 * Math.sign(kernel[k]) + 2 * l2 * kernel[k]), bias);
    if (layer === 0) break;
    const back = product(delta, kernel, rows, units, inputs, "right");
    const mask = masks?.[layer - 1];
    // Where the output is above 0, ReLU was on and the mask let it pass.
    delta = back.map((each, k) => (outputs[layer][k] > 0 ? each * (mask ? mask[k] : 1) : 0));
  }
  return found;
}

// One step of Adam; `state` is { parameters, m, v, steps } and is changed in place.
export function adamStep(state, slopes, rate) {
  state.steps += 1;
  const first = 1 - 0.9 ** state.steps;
  const second = 1 - 0.999 ** state.steps;
  state.parameters.forEach((values, which) => {
    const [m, v, g] = [state.m[which], state.v[which], slopes[which]];
    for (let k = 0; k < values.length; k++) {
      m[k] = 0.9 * m[k] + 0.1 * g[k];
      v[k] = 0.999 * v[k] + 0.001 * g[k] * g[k];
      values[k] -= (rate * (m[k] / first)) / (Math.sqrt(v[k] / second) + 1e-7);
    }
  });
}

// A network before its first step.
export function fresh(parameters) {
  const zeros = () => parameters.map((values) => new Float64Array(values.length));
  return { parameters: parameters.map((each) => each.slice()), m: zeros(), v: zeros(), steps: 0 };
}

// One step of training.
export function train(state, points, labels, masks, penalties, rate) {
  adamStep(state, gradients(state.parameters, points, labels, masks, penalties), rate);
}
