// Initialization: what layers make of a signal on its way forward, and of a gradient on its way back.
import { SPREADS, histogram, propagate, quartiles, rootMeanSquare } from "./network.js";

const SAMPLES = 64;
const BINS = 41;

export function lab(stage, { words, random, filled, shown }) {
  const names = [words.activations, words.gradients];
  const sizes = stage.lines({ title: words.sizes, x: words.layer, names, log: true });
  const columns = ["least", "lower", "median", "upper", "most", "beyond"].map((name) => words[name]);
  const rows = { row: words.layer, columns, size: [340, 320] };
  const forward = stage.histograms({ title: words.activation_histograms, note: words.activation_scale, ...rows });
  const back = stage.histograms({ title: words.gradient_histograms, note: words.gradient_scale, ...rows });
  let draws = { key: null };

  // The random numbers, which no rule changes, but only scales; kept as long as they are the same.
  function* drawn({ seed, width, depth }) {
    const key = `${seed} ${width}`;
    if (draws.key !== key) {
      const source = random(seed);
      const [inputs, gradient] = [source.normals(SAMPLES * width), source.normals(SAMPLES * width)];
      draws = { key, source, inputs, gradient, matrices: [] };
    }
    const own = draws; // another run may begin meanwhile, with others
    while (own.matrices.length < depth) {
      own.matrices.push(own.source.normals(width * width));
      yield;
    }
    return { ...own, drawn: own.matrices.slice(0, depth) };
  }

  function show(found, depth) {
    const layers = Array.from({ length: depth }, (_, n) => n + 1);
    const of = (part) => layers.map((_, n) => (part[n] ? rootMeanSquare(part[n]) : NaN));
    const [forwards, backs] = [of(found.activations), of(found.gradients)];
    sizes.draw(layers, [forwards, backs]);
    const both = [
      [forward, found.activations, forwards[0]],
      [back, found.gradients, backs[depth - 1]],
    ];
    for (const [drawing, values, size] of both) {
      const most = 3 * size || 1; // of zeros alone there is no scale
      const counted = layers.map((_, n) => (values[n] ? histogram(values[n], most, BINS) : { shares: [] }));
      drawing.draw(
        counted.map(({ shares }) => shares),
        most,
        (n) => (values[n] ? [...quartiles(values[n]), counted[n].beyond] : []),
      );
    }
    return [forwards, backs];
  }

  return function* run(state) {
    const { activation, initializer, width, depth } = state;
    const std = SPREADS[initializer](width, width, state.std);
    const found = { activations: [], gradients: Array(depth) };
    const draw = () => show(found, depth);
    const { inputs, gradient, drawn: matrices } = yield* drawn(state);
    const work = propagate({ activation, inputs, gradient, drawn: matrices, std, width }, found);
    for (let step = work.next(); !step.done; step = work.next()) yield draw;
    return {
      draw,
      said: () => {
        const [forwards, backs] = [found.activations, found.gradients].map((part) => part.map(rootMeanSquare));
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
