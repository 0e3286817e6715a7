// Samples at one rate in, the same sound at another rate out: a windowed-sinc low-pass, evaluated only where a sample is
// wanted. Everything above the lower rate's band is removed first, so nothing folds back as a whistle.

/** Zero crossings of the kernel on each side, at the lower rate: enough for 60 dB beside the pass band. */
const CROSSINGS = 16
/** The pass band as a part of the lower rate's half: what lies between is the slope of the filter. */
const PASS = 0.92

export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples
  const cutoff = (Math.min(1, toHz / fromHz) * PASS) / 2
  const reach = Math.ceil(CROSSINGS / (2 * cutoff))
  const divisor = greatestCommonDivisor(fromHz, toHz)
  const [up, down] = [toHz / divisor, fromHz / divisor]
  const kernels = Array.from({ length: up }, (_, phase) => kernelAt(phase / up, cutoff, reach))
  const out = new Int16Array(Math.floor((samples.length * up) / down))
  for (let i = 0; i < out.length; i += 1) {
    const first = Math.floor((i * down) / up) - reach
    const kernel = kernels[(i * down) % up] ?? new Float64Array(0)
    let sum = 0
    for (let tap = 0; tap < kernel.length; tap += 1) sum += (kernel[tap] ?? 0) * (samples[first + tap] ?? 0)
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)))
  }
  return out
}

/** The kernel's taps around an instant `fraction` of a sample after a sample, scaled to leave loudness as it was. */
function kernelAt(fraction: number, cutoff: number, reach: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, tap) => {
    const distance = tap - reach - fraction
    const window =
      0.42 + 0.5 * Math.cos((Math.PI * distance) / reach) + 0.08 * Math.cos((2 * Math.PI * distance) / reach)
    return Math.abs(distance) > reach ? 0 : sinc(2 * cutoff * distance) * window
  })
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map(tap => tap / sum)
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
