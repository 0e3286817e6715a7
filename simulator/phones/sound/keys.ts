// A key pressed on the handset as RFC 4733 telephone-events: the payloads of one press, in the order they are sent.

const KEYS = '0123456789*#ABCD'
/** -10 dBm0, as loud as a real key. */
const VOLUME = 10
const END_BIT = 0x80
/** Samples in one 20 ms packet at 8 kHz. */
const STEP_SAMPLES = 160
/** 100 ms held: RFC 4733 asks for at least 40 ms of a DTMF tone. */
const HELD_STEPS = 5
/** The end is sent three times since nothing else says so if it is lost (RFC 4733 section 2.5.1.4). */
const ENDS = 3

export type EventPayload = { payload: Uint8Array; isFirst: boolean }

/** Throws Error for a key that no telephone has. */
export function eventPayloads(key: string): EventPayload[] {
  const event = KEYS.indexOf(key.toUpperCase())
  if (key.length !== 1 || event < 0) throw new Error(`expected a key of ${KEYS}, came ${JSON.stringify(key)}`)
  const held = Array.from({ length: HELD_STEPS }, (_, i) => payloadOf(event, false, (i + 1) * STEP_SAMPLES))
  const ends = Array.from({ length: ENDS }, () => payloadOf(event, true, (HELD_STEPS + 1) * STEP_SAMPLES))
  return [...held, ...ends].map((payload, i) => ({ payload, isFirst: i === 0 }))
}

function payloadOf(event: number, isEnd: boolean, durationSamples: number): Uint8Array {
  return Uint8Array.of(
    event,
    (isEnd ? END_BIT : 0) | VOLUME,
    (durationSamples >> 8) & 0xff,
    durationSamples & 0xff,
  )
}
