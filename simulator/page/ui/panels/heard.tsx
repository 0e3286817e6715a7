// What a call says, aloud while it goes on, as the one who holds the handset hears it; and where its sound is had afterwards.
import { useEffect, useRef, useState } from 'preact/hooks'

/** The sound of a call so far; `fromSeconds` leaves out the beginning. */
export const soundOf = (call: string, fromSeconds?: number): string =>
  `/api/phone/calls/${encodeURIComponent(call)}/sound${fromSeconds === undefined ? '' : `?from=${fromSeconds}`}`

/** How often what was heard meanwhile is fetched. */
const FETCH_MS = 300
/** Behind what the handset hears by so much, so that there is always something to play. */
const DELAY_SECONDS = 0.4

type Ear = { close(): void }

/** Plays a call from `fromSeconds` on until it is closed. `onPlayed` hears how much was played. */
function openEar(call: string, fromSeconds: number, onPlayed: (seconds: number) => void): Ear {
  const context = new AudioContext()
  let next = fromSeconds
  let playAt = 0
  let isClosed = false
  const fetchMore = async (): Promise<void> => {
    const response = await fetch(soundOf(call, next))
    if (!response.ok || isClosed) return
    const bytes = await response.arrayBuffer()
    // A head alone holds no sound, and decoders refuse it.
    if (bytes.byteLength <= 44) return
    const buffer = await context.decodeAudioData(bytes)
    if (isClosed) return
    const source = new AudioBufferSourceNode(context, { buffer })
    source.connect(context.destination)
    playAt = Math.max(playAt, context.currentTime + DELAY_SECONDS)
    source.start(playAt)
    playAt += buffer.duration
    next += buffer.duration
    onPlayed(next - fromSeconds)
  }
  const again = (): void => {
    if (isClosed) return
    fetchMore()
      .catch(() => undefined)
      .finally(() => setTimeout(again, FETCH_MS))
  }
  again()
  return {
    close() {
      isClosed = true
      void context.close()
    },
  }
}

/** A call in progress is heard without being asked for: who answers, listens. */
export function HeardCall({ call, heardSeconds }: { call: string; heardSeconds: number }) {
  const [isQuiet, setQuiet] = useState(false)
  const [played, setPlayed] = useState(0)
  const from = useRef(heardSeconds)
  useEffect(() => {
    if (isQuiet) return
    const ear = openEar(call, from.current, setPlayed)
    return () => ear.close()
  }, [call, isQuiet])
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isQuiet}
      data-testid="quiet"
      data-played={played.toFixed(1)}
      onClick={() => {
        from.current = heardSeconds
        setQuiet(!isQuiet)
      }}
    >
      {isQuiet ? 'Listen again' : 'Stop listening'}
    </button>
  )
}
