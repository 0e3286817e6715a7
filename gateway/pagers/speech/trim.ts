// Speech as the engine gave it in, the same without its silent ends out: the pauses between phrases are ours to choose.

/** About -50 dB of full scale: quieter than any consonant. */
const QUIET = 100
/** Left on each side, so that nothing is cut in its breath: 20 ms at 8 kHz. */
const MARGIN_SAMPLES = 160

export function trimSilence(samples: Int16Array): Int16Array {
  const isLoud = (sample: number): boolean => Math.abs(sample) > QUIET
  const first = samples.findIndex(isLoud)
  if (first < 0) return samples.subarray(0, 0)
  const last = samples.findLastIndex(isLoud)
  return samples.slice(Math.max(0, first - MARGIN_SAMPLES), last + 1 + MARGIN_SAMPLES)
}
