// The telephone's bell: rings while it is told to, where the browser allows sound. British cadence: 0.4 on, 0.2 off, 0.4 on, 2 off.
const TONES_HZ = [400, 450]
const RINGS_S = [
  [0, 0.4],
  [0.6, 1],
] as const
const ROUND_S = 3
const LEVEL = 0.12

export type Bell = { ring(isRinging: boolean): void; allow(): void }

export function openBell(): Bell {
  const context = new AudioContext()
  let source: AudioBufferSourceNode | null = null

  const round = (): AudioBuffer => {
    const buffer = context.createBuffer(1, ROUND_S * context.sampleRate, context.sampleRate)
    const samples = buffer.getChannelData(0)
    for (const [fromS, toS] of RINGS_S) {
      for (let i = Math.round(fromS * context.sampleRate); i < toS * context.sampleRate; i++) {
        const seconds = i / context.sampleRate
        samples[i] = TONES_HZ.reduce((sum, hz) => sum + LEVEL * Math.sin(2 * Math.PI * hz * seconds), 0)
      }
    }
    return buffer
  }
  return {
    ring: isRinging => {
      if (isRinging === (source !== null)) return
      source?.stop()
      source = isRinging ? new AudioBufferSourceNode(context, { buffer: round(), loop: true }) : null
      source?.connect(context.destination)
      source?.start()
    },
    allow: () => void context.resume(),
  }
}
