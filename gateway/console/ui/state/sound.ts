// The desk's loudspeaker: how many alarms wait goes in, sound comes out, and what is really to be heard is told back.
// A browser is silent until somebody has clicked; the page must show that, so the state is read, never assumed.
import { alarmRound, troubleChime } from '../words/pattern.ts'

/** off: nothing can be heard · armed: it could sound now · sounding: it does, measured behind the volume. */
export type SoundState = 'off' | 'armed' | 'sounding'

/** Longer than the rest between two rounds, so that a rest does not read as silence. */
const HEARD_WITHIN_MS = 1_200
const MEASURE_MS = 100
/** Peak of the wave above which somebody would hear it. */
const AUDIBLE = 0.05

export type Sound = {
  /** Tries to switch the sound on; works only during a click or a key. */
  arm(): Promise<void>
  /** Sounds for so many waiting incidents; 0 is silence. */
  alarm(waiting: number): void
  /** The short chime for trouble with the system itself. */
  chime(): void
  /** One round of the alarm, to prove the loudspeaker. */
  prove(): void
  onState(listener: (state: SoundState) => void): void
}

/** A machine without any sound stays 'off', and its page says so; alarms still show. */
export function openSound(): Sound {
  try {
    return soundOf(new AudioContext())
  } catch (error) {
    console.error(error)
    const nothing = (): void => {}
    return { arm: async () => {}, alarm: nothing, chime: nothing, prove: nothing, onState: nothing }
  }
}

function soundOf(context: AudioContext): Sound {
  const meter = context.createAnalyser()
  meter.connect(context.destination)
  const wave = new Float32Array(meter.fftSize)
  const listeners = new Set<(state: SoundState) => void>()
  let source: AudioBufferSourceNode | null = null
  let sounded = 0
  let heardAtMs = Number.NEGATIVE_INFINITY
  let state: SoundState = 'off'

  const play = (
    samples: Float32Array<ArrayBuffer>,
    isLooped: boolean,
    into: AudioNode,
  ): AudioBufferSourceNode => {
    const buffer = context.createBuffer(1, samples.length, context.sampleRate)
    buffer.copyToChannel(samples, 0)
    const started = new AudioBufferSourceNode(context, { buffer, loop: isLooped })
    started.connect(into)
    started.start()
    return started
  }
  const measure = (): void => {
    meter.getFloatTimeDomainData(wave)
    if (wave.some(sample => Math.abs(sample) > AUDIBLE)) heardAtMs = performance.now()
    const isRunning = context.state === 'running'
    const isHeard = source !== null && performance.now() - heardAtMs < HEARD_WITHIN_MS
    const now = !isRunning ? 'off' : isHeard ? 'sounding' : 'armed'
    if (now === state) return
    state = now
    for (const listener of listeners) listener(state)
  }
  // A chime and a proof are heard but do not pass the meter: only an alarm reads as sounding.
  const playOnce = (samples: Float32Array<ArrayBuffer>): void => {
    if (context.state === 'running' && source === null) play(samples, false, context.destination)
  }
  context.onstatechange = measure
  setInterval(measure, MEASURE_MS)

  return {
    arm: async () => {
      // Whether it helped is read from the context, not from this promise.
      await context.resume().catch(console.error)
      measure()
    },
    alarm: waiting => {
      if (waiting === sounded) return
      sounded = waiting
      source?.stop()
      source = waiting === 0 ? null : play(alarmRound(waiting, context.sampleRate), true, meter)
      measure()
    },
    chime: () => playOnce(troubleChime(context.sampleRate)),
    prove: () => playOnce(alarmRound(1, context.sampleRate)),
    onState: listener => {
      listeners.add(listener)
      listener(state)
    },
  }
}
