// A pager and what the engine would hear of it, for tests: orders in, its events to wait for out. Key 1 is thanked, as the
// core would have it, unless a test decides what a key means.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../../gateway/clock.ts'
import type { CallOrder } from '../../../../gateway/pagers/sip/messages.ts'
import { createSipPager, type SipPager, type SipPagerOptions } from '../../../../gateway/pagers/sip/pager.ts'
import type { EngineEvent, PageEvent } from '../../../../gateway/ports.ts'
import type { Phone, PhoneCall } from '../../../../simulator/ports.ts'

export const PHRASES = ['Personal alarm.', 'Alice Carter.', 'Main building, room 2 1 4.']

export type Rig = {
  pager: SipPager
  cacheDir: string
  /** Every event so far, in order. */
  events: readonly EngineEvent[]
  /** Resolves with the first event that fits, past or to come. */
  until(fits: (event: EngineEvent) => boolean): Promise<EngineEvent>
  /** Resolves once this page has taken this step; rejects where it ends without. */
  step(page: string, step: PageEvent['progress']['step']): Promise<PageEvent>
  /** The steps of a page so far: "sent accepted reached answered ended". */
  steps(page: string): string
  close(): Promise<void>
}

/** Starts a pager that calls the exchange or telephone at this port of loopback. */
export async function startRig(
  port: number,
  more: Partial<SipPagerOptions> & {
    user?: string
    decide?: (event: PageEvent, pager: SipPager) => void
  } = {},
): Promise<Rig> {
  const cacheDir = more.cacheDir ?? (await mkdtemp(join(tmpdir(), 'speech-')))
  const events: EngineEvent[] = []
  const waiting = new Set<(event: EngineEvent) => void>()
  const { decide = thank } = more
  const pager: SipPager = createSipPager({
    sip: {
      server: '127.0.0.1',
      port,
      transport: 'tcp',
      user: 'tocsin',
      register: false,
      displayName: 'Personal alarm',
    },
    speech: { voice: 'en-gb', wordsPerMinute: 150 },
    clock: systemClock(),
    log: { info() {}, warn() {}, error() {} },
    async submit(event) {
      events.push(event)
      if (event.kind === 'page') decide(event, pager)
      for (const tell of waiting) tell(event)
      return { refused: null }
    },
    ...more,
    cacheDir,
  })
  const until: Rig['until'] = fits => {
    const past = events.find(fits)
    if (past) return Promise.resolve(past)
    return new Promise(resolve => {
      const tell = (event: EngineEvent): void => {
        if (!fits(event)) return
        waiting.delete(tell)
        resolve(event)
      }
      waiting.add(tell)
    })
  }
  const ofPage = (page: string): PageEvent[] =>
    events.filter((event): event is PageEvent => event.kind === 'page' && event.page === page)
  return {
    pager,
    cacheDir,
    events,
    until,
    step: async (page, step) => {
      const isLast = ({ progress }: PageEvent): boolean => progress.step === step || progress.step === 'ended'
      const event = (await until(e => e.kind === 'page' && e.page === page && isLast(e))) as PageEvent
      if (event.progress.step === step) return event
      throw new Error(`expected ${page} to be ${step}, came its end: ${JSON.stringify(event.progress)}`)
    },
    steps: page =>
      ofPage(page)
        .map(event => event.progress.step)
        .join(' '),
    async close() {
      await pager.close()
      if (!more.cacheDir) await rm(cacheDir, { recursive: true })
    },
  }
}

const LAST = { phrases: [], isLast: true, news: null } as const
function thank({ page, progress }: PageEvent, pager: SipPager): void {
  if (progress.step !== 'answered' || progress.with !== '1') return
  pager.reply({ page, is: 'thank', words: ['Acknowledged. Thank you.'], ...LAST })
}

export function order(page: string, more: Partial<CallOrder> = {}): CallOrder {
  return {
    page,
    target: '5150',
    phrases: PHRASES,
    ringMs: 10_000,
    talkMs: 20_000,
    ...more,
  }
}

/** Resolves once this telephone is so. */
export function untilPhone(phone: Phone, isSo: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (isSo()) resolve()
    }
    phone.onChange(look)
    look()
  })
}

/** Resolves with the newest call of a telephone once it fits. */
export async function untilCall(phone: Phone, fits: (call: PhoneCall) => boolean): Promise<PhoneCall> {
  let call: PhoneCall | undefined
  await untilPhone(phone, () => {
    const newest = phone.calls().at(-1)
    if (newest && fits(newest)) call ??= newest
    return call !== undefined
  })
  return call as PhoneCall
}

export function endOf(event: PageEvent): { outcome: string; detail: string } {
  if (event.progress.step !== 'ended') throw new Error(`expected an end, came ${event.progress.step}`)
  return { outcome: event.progress.outcome, detail: event.progress.detail }
}

/** The telephone line has a fault, in these words. */
export const saysFault =
  (words: string) =>
  (event: EngineEvent): boolean =>
    event.kind === 'fault' && event.key === 'sip' && event.text?.includes(words) === true

/** The line has a fault: not that its worker is slow to start, as on a machine with other work. */
/** What a busy machine has the pager say before any line is there. */
export const saysWorkerIsSlow = saysFault('is not there yet')

export const isLineFault = (event: EngineEvent): boolean =>
  event.kind === 'fault' && event.key === 'sip' && event.text !== null && !saysWorkerIsSlow(event)
