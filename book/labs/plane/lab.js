// A small network on points in the plane: what L1, L2 and dropout do to it while it is trained.
import { answers, fresh, score, train } from "./network.js";

const STEPS = 1000;
const EVERY = 10; // steps from one measurement to the next
const RATE = 0.01; // Adam's learning rate
const HELD = 300; // points for validation
const CELLS = 24;
const NEAR = 0.01;

// Points of the square from -1 to 1; class 1 lies above a wave, and noise blurs where it runs.
function sample(count, noise, { uniform, normal }) {
  const points = Float64Array.from({ length: 2 * count }, () => 2 * uniform() - 1);
  const labels = Float64Array.from({ length: count }, (_, k) => {
    return points[2 * k + 1] > 0.5 * Math.sin(3 * points[2 * k]) + noise * normal() ? 1 : 0;
  });
  return { points, labels };
}

// Kernels by He's rule, and biases of 0.
function draw(units, { normals }) {
  const kernel = (inputs, outputs) => normals(inputs * outputs).map((z) => z * Math.sqrt(2 / inputs));
  const zeros = (size) => new Float64Array(size);
  return [kernel(2, units), zeros(units), kernel(units, units), zeros(units), kernel(units, 1), zeros(1)];
}

// What `random` gives, for data, weights and masks each from a seed of its own: a change of one
// leaves the others as they are.
function sources(random, seed) {
  return [0, 1, 2].map((which) => random(3 * seed + which));
}

export function lab(stage, { words, random, filled, shown }) {
  const plane = stage.plane({
    title: words.surface,
    note: words.surface_note,
    size: [340, 340],
    most: 1,
    cells: CELLS,
    places: 5,
    words,
  });
  const losses = stage.lines({
    title: words.losses,
    note: words.losses_note,
    x: words.step,
    names: [words.training, words.held],
    log: true,
  });
  const columns = ["least", "lower", "median", "upper", "most", "near"].map((name) => words[name]);
  const weights = stage.histograms({
    title: words.weights,
    note: words.weights_note,
    row: words.layer,
    columns,
    size: [340, 180],
  });
  const near = (values) => values.filter((value) => Math.abs(value) < NEAR).length / values.length;

  function show(network, history) {
    plane.draw(answers(network.parameters, plane.grid));
    losses.draw(history.steps, [history.training, history.held], { x: [0, STEPS], y: [1e-4, 10] });
    const kernels = [0, 2, 4].map((which) => network.parameters[which].slice());
    weights.draw(kernels, 2, near);
  }

  return function* run({ l1, l2, dropout, units, points, noise, seed }) {
    const [data, start, off] = sources(random, seed);
    const training = sample(points, noise, data);
    const held = sample(HELD, noise, data);
    plane.put([{ ...held, held: true }, training]);
    const network = fresh(draw(units, start));
    const history = { steps: [], training: [], held: [], right: [] };
    const measure = () => {
      const both = [training, held].map((each) => score(network.parameters, each.points, each.labels));
      history.steps.push(network.steps);
      history.training.push(both[0].loss);
      history.held.push(both[1].loss);
      history.right = both.map(({ accuracy }) => (100 * accuracy).toFixed(0));
    };
    const mask = () =>
      Float64Array.from({ length: points * units }, () => (off.uniform() < dropout ? 0 : 1 / (1 - dropout)));
    const penalties = { l1: Number(l1), l2: Number(l2) };
    const drawNow = () => show(network, history);
    measure();
    yield drawNow;
    while (network.steps < STEPS) {
      const masks = dropout > 0 ? [mask(), mask()] : null;
      train(network, training.points, training.labels, masks, penalties, RATE);
      if (network.steps % EVERY === 0) {
        measure();
        yield drawNow;
      } else {
        yield;
      }
    }
    const lowest = Math.min(...history.held);
    const kernels = [0, 2, 4].flatMap((which) => [...network.parameters[which]]);
    return {
      draw: drawNow,
      said: () =>
        filled(
          words.said,
          ...[STEPS, shown(history.training.at(-1)), shown(history.held.at(-1)), shown(lowest)],
          ...[history.steps[history.held.indexOf(lowest)], ...history.right, (100 * near(kernels)).toFixed(0)],
        ),
    };
  };
}
