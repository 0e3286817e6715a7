// Radios of the gateway's own machine: receivers of the site like any other, in this process and without a broker. In: the site's
// receivers, and what they are to broadcast. Out: the events that the broker would make of the same.
import type { BeaconOrder, ReportBatch } from '../../schemas/report.ts'
import type { Receiver as SiteReceiver } from '../../schemas/site.ts'
import type { Clock, Log, ReportsEvent, Submit } from '../ports.ts'
import type { Link, LinkEvents } from './link.ts'
import { receiverOnRadio } from './on-radio.ts'
import type { Waiting } from './queue.ts'
import type { Radio } from './radio.ts'
import type { Receiver } from './receiver.ts'

export type LocalRadios = {
  /** From now on these of the site's receivers that name a radio. */
  setReceivers(receivers: readonly SiteReceiver[]): void
  /** Hands one of them what it is to broadcast; false where that receiver is none of them. */
  order(receiver: string, order: BeaconOrder): boolean
  close(): Promise<void>
}

export type LocalOptions = {
  submit: Submit
  clock: Clock
  log: Log
  open: (device: string) => Radio
}

type Running = { device: string; radio: Radio; receiver: Receiver; order: (order: BeaconOrder) => void }

export function localRadios({ submit, clock, log, open }: LocalOptions): LocalRadios {
  const running = new Map<string, Running>()

  const start = (id: string, device: string): Running => {
    const radio = open(device)
    let order: (order: BeaconOrder) => void = () => {}
    const connect = (events: LinkEvents): Link => {
      order = events.onOrder
      return inProcessLink(id, submit, events)
    }
    const receiver = receiverOnRadio({ id, clock, radio, log, connect })
    return { device, radio, receiver, order: each => order(each) }
  }
  const stop = async ({ receiver, radio }: Running) => {
    receiver.cut()
    await radio.close()
  }

  return {
    setReceivers(receivers) {
      const wanted = new Map(receivers.flatMap(({ id, radio }) => (radio === undefined ? [] : [[id, radio]])))
      for (const [id, each] of running) {
        if (wanted.get(id) === each.device) continue
        running.delete(id)
        stop(each).catch(error => log.error({ err: error, receiver: id }, 'a radio was not closed'))
      }
      for (const [id, device] of wanted) if (!running.has(id)) running.set(id, start(id, device))
    },
    order(receiver, order) {
      const own = running.get(receiver)
      own?.order(order)
      return own !== undefined
    },
    async close() {
      await Promise.all([...running.values()].map(stop))
      running.clear()
    },
  }
}

/** An event is as long as what others may be kept waiting for: each report may cost an AES. */
const BATCH_MAX = 16

/** A link that is over when the engine does not take an event, as a broker's is: what it had is told again on the next. */
function inProcessLink(id: string, submit: Submit, events: LinkEvents): Link {
  const unconfirmed = new Set<Waiting[]>()
  let state: 'opening' | 'ready' | 'over' = 'opening'
  const end = (error: unknown) => {
    if (state === 'over') return
    state = 'over'
    events.onGone([...unconfirmed], (error as Error).message)
  }
  queueMicrotask(() => {
    if (state !== 'opening') return
    state = 'ready'
    events.onReady()
  })
  return {
    batchMax: BATCH_MAX,
    isReady: () => state === 'ready',
    inFlight: () => unconfirmed.size,
    publish(batch, body, onConfirmed) {
      unconfirmed.add(batch)
      carriedOut(submit(eventOf(id, body))).then(() => {
        if (unconfirmed.delete(batch) && state === 'ready') onConfirmed()
      }, end)
    },
    say(status) {
      carriedOut(submit({ kind: 'receiver-status', receiver: id, status })).catch(end)
    },
    async close() {
      state = 'over'
    },
    cut() {
      state = 'over'
    },
  }
}

/** What only the disk did not take is in the hands of this very process: told again it would be carried out twice, and kept no sooner. */
const carriedOut = (submitted: Promise<unknown>): Promise<unknown> =>
  submitted.catch((error: Error) => {
    if (error.name !== 'NotKept') throw error
  })

const eventOf = (receiver: string, { reports }: ReportBatch): ReportsEvent => ({
  kind: 'reports',
  receiver,
  reports: reports.map(({ address, data, rssiDbm = null, ageMs = null }) => ({
    address,
    data,
    rssiDbm,
    ageMs,
  })),
  wasRedelivered: false,
})
