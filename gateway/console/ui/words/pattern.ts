// The shapes of the page's sounds: how many alarms wait comes in, samples go out. Pure.

/** One bleep, two tones of 0.14 s. Low enough for ears that have lost the high notes, with edges that cut through talk. */
const TONES_HZ = [660, 880] as const
const TONE_S = 0.14
const GAP_S = 0.06
/** Silence after the bleeps of one round, so that they can be counted. */
const REST_S = 0.55
/** More bleeps than this can't be counted by ear. */
const BLEEPS_MAX = 5
const LEVEL = 0.85
const ATTACK_S = 0.004

/** One round of the alarm for `waiting` incidents, to be looped: as many double bleeps as there are incidents. */
export function alarmRound(waiting: number, sampleRateHz: number): Float32Array<ArrayBuffer> {
  const bleeps = Math.min(Math.max(waiting, 1), BLEEPS_MAX)
  const bleepS = TONES_HZ.length * TONE_S + GAP_S
  const samples = new Float32Array(Math.round((bleeps * bleepS + REST_S) * sampleRateHz))
  for (let bleep = 0; bleep < bleeps; bleep++) {
    TONES_HZ.forEach((hz, i) => {
      tone(samples, { hz, startS: bleep * bleepS + i * TONE_S, lengthS: TONE_S }, sampleRateHz)
    })
  }
  return samples
}

/** Two falling notes: something is wrong with the system itself, which is not an alarm. */
export function troubleChime(sampleRateHz: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(0.6 * sampleRateHz))
  tone(samples, { hz: 440, startS: 0, lengthS: 0.25 }, sampleRateHz)
  tone(samples, { hz: 330, startS: 0.28, lengthS: 0.3 }, sampleRateHz)
  return samples
}

type Tone = { hz: number; startS: number; lengthS: number }

/** Adds a tone with odd harmonics (a softened square wave) and faded ends, so that it doesn't click. */
function tone(samples: Float32Array, { hz, startS, lengthS }: Tone, sampleRateHz: number): void {
  const first = Math.round(startS * sampleRateHz)
  const length = Math.round(lengthS * sampleRateHz)
  const fade = Math.max(1, Math.round(ATTACK_S * sampleRateHz))
  for (let i = 0; i < length && first + i < samples.length; i++) {
    const phase = (2 * Math.PI * hz * i) / sampleRateHz
    const wave = (Math.sin(phase) + Math.sin(3 * phase) / 3 + Math.sin(5 * phase) / 5) * 1.05
    const edge = Math.min(1, i / fade, (length - i) / fade)
    samples[first + i] = LEVEL * edge * Math.max(-1, Math.min(1, wave))
  }
}
