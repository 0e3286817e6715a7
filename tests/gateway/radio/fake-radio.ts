// A radio and a link that a test holds in its hands.
import type { Link, LinkEvents } from '../../../gateway/radio/link.ts'
import type { Waiting } from '../../../gateway/radio/queue.ts'
import type { Heard, Radio, RadioState } from '../../../gateway/radio/radio.ts'
import type { ReportBatch } from '../../../schemas/report.ts'

export function fakeRadio() {
  let report: (heard: Heard) => void = () => {}
  let state: (now: RadioState) => void = () => {}
  const onAir: string[][] = []
  const counters = { heard: 0, malformed: 0, dropped: 0, restarts: 0, mended: 0 }
  let isClosed = false
  const radio: Radio = {
    onReport(take) {
      report = take
    },
    onState(take) {
      state = take
    },
    broadcast(packets) {
      onAir.push(packets.map(each => Buffer.from(each).toString('hex')))
    },
    counters: () => counters,
    async close() {
      isClosed = true
    },
  }
  return {
    radio,
    onAir,
    counters,
    isClosed: () => isClosed,
    hear: (data: Uint8Array, heardAtMs: number, address = 'c7:f9:36:dd:b0:ca') =>
      report({ address, data, rssiDbm: -60, heardAtMs, pdu: 'nonconnectable' }),
    is: (kind: RadioState['kind'], why = '') => state({ kind, why }),
  }
}

export const sealed = (counter: number): Uint8Array =>
  Uint8Array.of(2, 1, 6, 12, 0x16, 0xd2, 0xfc, 0x45, 1, 2, 3, counter & 255, counter >> 8, 0, 0, 9)

type Sent = { body: ReportBatch; confirm: () => void; batch: Waiting[] }

/** Links that open when they are told to, and whose confirmations the test gives. */
export function fakeLinks() {
  const links: {
    events: LinkEvents
    sent: Sent[]
    said: unknown[]
    open(): void
    drop(reason?: string): void
  }[] = []
  const connect = (events: LinkEvents): Link => {
    const sent: Sent[] = []
    const said: unknown[] = []
    let isReady = false
    links.push({
      events,
      sent,
      said,
      open() {
        isReady = true
        events.onReady()
      },
      drop(reason = 'gone') {
        isReady = false
        const unconfirmed = sent.splice(0).map(({ batch }) => batch)
        events.onGone(unconfirmed, reason)
      },
    })
    return {
      isReady: () => isReady,
      inFlight: () => sent.length,
      publish(batch, body, onConfirmed) {
        const one: Sent = {
          batch,
          body,
          confirm() {
            sent.splice(sent.indexOf(one), 1)
            onConfirmed()
          },
        }
        sent.push(one)
      },
      say: status => said.push(status),
      async close() {},
      cut() {},
    }
  }
  return { links, connect, last: () => links.at(-1) as (typeof links)[number] }
}
