// What other systems are told by MQTT: in comes what the desk is shown, out go documents on their topics (schemas/api/out) and what Home
// Assistant is announced. Promises that it comes after the work of an alarm, that nobody waits for it, that its own fault is said and
// costs nothing else, and that nothing which stands on these topics is ever read.
import type { IncidentView, LiveEvent } from '../../schemas/api/desk.ts'
import type { Site } from '../../schemas/site.ts'
import type { Clock, Desk, Log, Submit } from '../ports.ts'
import { outFault } from './fault.ts'
import { outbox } from './outbox.ts'
import type { KeptWay, OutDesk } from './ports.ts'
import { createTeller, type Teller } from './teller.ts'

/** How often is looked for what no live event tells: batteries, reach, what is proven. */
const LOOK_MS = 1_000
/** Until all was looked at once. */
const LOOK_FIRST_MS = 20
/** Within OUT_ALIVE_MS, several times. */
const BEAT_MS = 5_000

export type OutTelling = {
  /** Takes over a changed site file. */
  setSite(site: Site): void
  close(): void
}

export type OutOptions = {
  site: Site
  desk: Pick<Desk, 'snapshot' | 'subscribe'>
  out: OutDesk
  way: KeptWay
  /** Resolves once the engine has looked at what was put to it now; not at all while it stands still. */
  isAlive(): Promise<unknown>
  submit: Submit
  clock: Clock
  log: Log
}

/** Which live events are looked at; the others tell of what is not told on. */
const LOOKED_AT: Readonly<Record<LiveEvent['kind'], boolean>> = {
  ...{ snapshot: true, incident: true, technical: true, armed: true, receivers: true },
  ...{ security: false, sessions: false, mended: false, tested: false, walks: false },
}

/** Tells nothing while the site file has no `out`. */
export function startOut(options: OutOptions): OutTelling {
  const { desk, clock, isAlive } = options
  const fault = outFault(options)
  const box = outbox({ way: options.way, onWay: fault.way })
  const news = new Map<string, IncidentView>()
  let teller: Teller | null = null
  let isRound = false
  let isAll = false
  let isWaiting = false
  let isClosed = false
  let beatAtMs = Number.NEGATIVE_INFINITY
  let cancel = (): void => {}

  function safely(work: (teller: Teller) => void): void {
    if (teller === null || isClosed) return
    try {
      work(teller)
      fault.own(null)
    } catch (error) {
      fault.own(error)
    }
  }

  /** After whatever the engine is doing now. Of many events at once the newest of each incident counts. */
  function soon(): void {
    if (isWaiting) return
    isWaiting = true
    setImmediate(() => {
      isWaiting = false
      safely(now => {
        if (isAll) now.allIncidents(desk.snapshot().incidents)
        else if (news.size > 0) now.incidents(news.values())
        isAll = false
        now.health()
      })
      news.clear()
    })
  }
  const unsubscribe = desk.subscribe(event => {
    if (!LOOKED_AT[event.kind]) return
    if (event.kind === 'snapshot') isAll = true
    if (event.kind === 'incident') news.set(event.incident.id, event.incident)
    soon()
  })

  async function look(): Promise<void> {
    // An engine that stands still tells nothing new: then there is no beat either, and what stands there counts as old.
    await isAlive()
    if (isClosed) return
    safely(now => {
      now.health()
      isRound = now.things()
      if (isRound) box.complete()
    })
    if (teller !== null && clock.nowMs() - beatAtMs >= BEAT_MS) {
      beatAtMs = clock.nowMs()
      box.beat()
    }
    cancel = clock.after(isRound || teller === null ? LOOK_MS : LOOK_FIRST_MS, () => void look())
  }

  function setSite(site: Site): void {
    teller = site.out === undefined ? null : createTeller(box, options.out, site.out)
    isRound = false
    if (teller === null) for (const topic of [...box.topics()]) box.set(topic, null)
    safely(now => {
      now.allIncidents(desk.snapshot().incidents)
      now.begin(site)
      now.health()
    })
  }
  setSite(options.site)
  cancel = clock.after(LOOK_FIRST_MS, () => void look())
  return {
    setSite,
    close() {
      isClosed = true
      unsubscribe()
      cancel()
      box.close()
    },
  }
}
