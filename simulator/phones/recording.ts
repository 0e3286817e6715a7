// What a handset heard: decoded RTP payloads laid out by their timestamps into one run of samples.
// Lost packets leave silence, late ones fall into their place, repeated ones change nothing.

export const SAMPLE_RATE_HZ = 8000
/** Ten minutes: twice the longest talk a policy allows. */
const LIMIT_SAMPLES = 600 * SAMPLE_RATE_HZ
/** A jump beyond this is a new beginning of the sender's clock, not a pause. */
const JUMP_SAMPLES = 10 * SAMPLE_RATE_HZ
const GROW_SAMPLES = 10 * SAMPLE_RATE_HZ

export type Recording = {
  /** `timestamp` is RTP's, in samples modulo 2^32. */
  add(ssrc: number, timestamp: number, samples: Int16Array): void
  samples(): Int16Array
  seconds(): number
}

export function createRecording(): Recording {
  let store = new Int16Array(GROW_SAMPLES)
  let length = 0
  let stream: { ssrc: number; base: number; at: number } | null = null

  const offsetOf = (ssrc: number, timestamp: number): number => {
    if (stream?.ssrc === ssrc) {
      const moved = (timestamp - stream.base) | 0
      if (Math.abs(stream.at + moved - length) <= JUMP_SAMPLES) return stream.at + moved
    }
    stream = { ssrc, base: timestamp, at: length }
    return length
  }

  return {
    add(ssrc, timestamp, samples) {
      const at = offsetOf(ssrc, timestamp)
      const end = at + samples.length
      if (at < 0 || end > LIMIT_SAMPLES) return
      if (end > store.length) {
        const grown = new Int16Array(end + GROW_SAMPLES)
        grown.set(store.subarray(0, length))
        store = grown
      }
      store.set(samples, at)
      length = Math.max(length, end)
    },
    samples: () => store.slice(0, length),
    seconds: () => length / SAMPLE_RATE_HZ,
  }
}
