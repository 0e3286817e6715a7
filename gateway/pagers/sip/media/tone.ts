// The loud alert in place of words that could not be rendered: two tones in turn, which no ring or busy signal sounds like.

const RATE_HZ = 8000
const TONES_HZ = [950, 1400]
const TONE_MS = 200
const TURNS = 5
/** 3 dB below full scale. */
const AMPLITUDE = 23_000

export function alertTone(): Int16Array {
  const toneSamples = (RATE_HZ * TONE_MS) / 1000
  return Int16Array.from({ length: toneSamples * TONES_HZ.length * TURNS }, (_, i) => {
    const frequencyHz = TONES_HZ[Math.floor(i / toneSamples) % TONES_HZ.length] ?? 0
    return Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * i) / RATE_HZ))
  })
}
