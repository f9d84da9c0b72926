// Initialization: what layers make of a signal on its way forward, and of a gradient on its way back.
import { SPREADS, propagate, rootMeanSquare } from "./network.js";

const SAMPLES = 64;

// The root mean square of each layer that is there yet.
const sizesOf = (layers) => layers.map((values) => (values ? rootMeanSquare(values) : NaN));

export function lab(stage, { words, random, filled, shown }) {
  const names = [words.activations, words.gradients];
  const sizes = stage.lines({ title: words.sizes, x: words.layer, names, log: true });
  const columns = ["least", "lower", "median", "upper", "most", "beyond"].map((name) => words[name]);
  const rows = { row: words.layer, columns, size: [340, 320] };
  const forward = stage.histograms({ title: words.activation_histograms, note: words.activation_scale, ...rows });
  const back = stage.histograms({ title: words.gradient_histograms, note: words.gradient_scale, ...rows });
  let draws = { key: null };

  // The random numbers, which no rule changes, but only scales; kept as long as they are the same.
  function drawsOf({ seed, width }) {
    const key = `${seed} ${width}`;
    if (draws.key !== key) {
      const source = random(seed);
      const [inputs, gradient] = [source.normals(SAMPLES * width), source.normals(SAMPLES * width)];
      draws = { key, source, inputs, gradient, matrices: [] };
    }
    return draws;
  }

  // A matrix for each layer, drawn when its turn comes.
  function* matrices({ source, matrices: known }, { width, depth }) {
    for (let layer = 0; layer < depth; layer++) {
      known[layer] ??= source.normals(width * width);
      yield known[layer];
    }
  }

  function show(found, depth) {
    const layers = Array.from({ length: depth }, (_, n) => n + 1);
    const [forwards, backs] = [found.activations, found.gradients].map(sizesOf);
    sizes.draw(layers, [forwards, backs]);
    forward.draw(found.activations, 3 * forwards[0] || 1); // of zeros alone there is no scale
    back.draw(found.gradients, 3 * backs[depth - 1] || 1);
  }

  return function* run(state) {
    const { activation, initializer, width, depth } = state;
    const std = SPREADS[initializer](width, width, state.std);
    const found = { activations: Array(depth).fill(null), gradients: Array(depth).fill(null) };
    const draw = () => show(found, depth);
    const own = drawsOf(state);
    const { inputs, gradient } = own;
    const drawn = matrices(own, state);
    const work = propagate({ activation, inputs, gradient, drawn, std, width }, found);
    for (let step = work.next(); !step.done; step = work.next()) yield draw;
    return {
      draw,
      said: () => {
        const [forwards, backs] = [found.activations, found.gradients].map(sizesOf);
        const ratio = (one, other) => shown(one / other);
        return filled(
          words.said,
          ...[shown(std), shown(forwards.at(-1)), ratio(forwards.at(-1), forwards[0])],
          ...[shown(backs[0]), ratio(backs[0], backs.at(-1))],
        );
      },
    };
  };
}
