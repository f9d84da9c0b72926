// Random numbers of a lab's own: the same for the same seed in every browser, and others than
// NumPy's. The generator is Bob Jenkins' "small fast" one (sfc32), which passes PractRand.
export function random(seed) {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed ^ 0xdeadbeef];
  const next = () => {
    const out = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + out) | 0;
    return out >>> 0;
  };
  for (let k = 0; k < 15; k++) next(); // until the seed has reached every bit
  const uniform = () => next() / 2 ** 32; // from 0, below 1
  let spare = null;
  // Of mean 0 and variance 1, two at a time (Box and Muller, 1958).
  const normal = () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const length = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = length * Math.sin(angle);
    return length * Math.cos(angle);
  };
  return { uniform, normal, normals: (size) => Float64Array.from({ length: size }, normal) };
}
