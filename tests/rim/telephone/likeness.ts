// How alike two sounds are: the best normalised cross-correlation of one within the other, 1 for the very same.

/** Enough of the sought sound to find where it lies; the whole of it is compared only there. */
const PROBE_SAMPLES = 1600
const AROUND_SAMPLES = 2

/** Samples at the same rate. 0 where `sought` is longer than `heard`. */
export function likeness(sought: Int16Array, heard: Int16Array): number {
  const probe = loudest(sought)
  let best = { at: 0, value: -1 }
  for (let at = 0; at + probe.samples.length <= heard.length; at += 1) {
    const value = correlation(probe.samples, heard, at)
    if (value > best.value) best = { at, value }
  }
  let most = 0
  for (let shift = -AROUND_SAMPLES; shift <= AROUND_SAMPLES; shift += 1) {
    const at = best.at - probe.from + shift
    if (at >= 0 && at + sought.length <= heard.length) most = Math.max(most, correlation(sought, heard, at))
  }
  return most
}

function correlation(sought: Int16Array, heard: Int16Array, at: number): number {
  let [product, one, other] = [0, 0, 0]
  for (let i = 0; i < sought.length; i += 1) {
    const [a, b] = [sought[i] ?? 0, heard[at + i] ?? 0]
    product += a * b
    one += a * a
    other += b * b
  }
  return one === 0 || other === 0 ? 0 : product / Math.sqrt(one * other)
}

function loudest(sought: Int16Array): { from: number; samples: Int16Array } {
  let best = { from: 0, energy: -1 }
  for (let from = 0; from === 0 || from + PROBE_SAMPLES <= sought.length; from += PROBE_SAMPLES / 4) {
    const energy = sought
      .subarray(from, from + PROBE_SAMPLES)
      .reduce((sum, sample) => sum + sample * sample, 0)
    if (energy > best.energy) best = { from, energy }
  }
  return { from: best.from, samples: sought.subarray(best.from, best.from + PROBE_SAMPLES) }
}
