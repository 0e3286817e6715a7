// The npm build of espeak-ng, standing alone: requests as JSON lines on standard input, for each a JSON line and the
// samples on standard output. That package is GPL-3: it only ever runs here, in a process of its own, joined by pipes.
import { createInterface } from 'node:readline'
import loadEspeak from '@echogarden/espeak-ng-emscripten'

const espeak = await loadEspeak()
const speaker = new espeak.eSpeakNGWorker()
const voices = speaker.list_voices()

for await (const line of createInterface({ input: process.stdin })) {
  const samples = []
  let error = null
  try {
    const { voice, wordsPerMinute, phrase } = JSON.parse(line)
    speaker.set_voice(nameOf(voice))
    speaker.set_rate(wordsPerMinute)
    speaker.synthesize(phrase, chunk => {
      samples.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      return false
    })
  } catch (thrown) {
    error = String(thrown?.message ?? thrown)
  }
  const sound = Buffer.concat(error ? [] : samples)
  process.stdout.write(
    `${JSON.stringify({ error, bytes: sound.length, rateHz: speaker.get_samplerate() })}\n`,
  )
  process.stdout.write(sound)
}

/** It knows voices by name only; of those of a language the lowest number is the main one. */
function nameOf(language) {
  const rank = voice => voice.languages.find(({ name }) => name === language)?.priority ?? Infinity
  const best = voices.reduce((one, other) => (rank(other) < rank(one) ? other : one))
  if (rank(best) === Infinity) throw new Error(`expected a language espeak-ng speaks, came ${language}`)
  return best.name
}
