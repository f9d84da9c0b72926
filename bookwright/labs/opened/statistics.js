// What drawings and tables say of many numbers, calculated as NumPy does.

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
