// What other systems are told, on a broker outside: by a connection of its own, so that it stands in nobody's way, with a will that
// says offline where the gateway dies. Before it says online again, whatever an earlier life left there is taken away.
import mqtt, { type IClientOptions } from 'mqtt'
import { GATEWAY, linkWords } from '../../../schemas/link-words.ts'
import type { Clock, Log } from '../../ports.ts'
import type { ExternalSetting } from '../external/external.ts'
import type { KeptThere } from './here.ts'
import type { KeptSetting } from './setting.ts'
import { type Standing, standing } from './standing.ts'
import { sweep } from './sweep.ts'

const RECONNECT_MS = 1_000
const CONNECT_TIMEOUT_MS = 5_000
const KEEPALIVE_S = 15

export type OutsideKept = { external: ExternalSetting; setting: KeptSetting | null; clock: Clock; log: Log }

/** Goes on trying for ever where it cannot be had; `keep` is refused meanwhile. */
export function keptOutside({ external, clock, log, ...first }: OutsideKept): KeptThere {
  let { setting } = first
  let onEmpty = (): void => {}
  let link: Link | null = null
  let isClosed = false
  let cancel = (): void => {}

  function connect(of: KeptSetting): void {
    const own: Link = openLink(
      { external, setting: of, clock, log },
      {
        onReady: () => own === link && onEmpty(),
        onGone() {
          if (own !== link || isClosed) return
          cancel = clock.after(RECONNECT_MS, () => own === link && !isClosed && connect(of))
        },
      },
    )
    link = own
  }
  if (setting !== null) connect(setting)

  return {
    keep: (kept, isWhole) => (link === null ? Promise.resolve() : link.keep(kept, isWhole)),
    onEmpty(listener) {
      onEmpty = listener
    },
    use(next) {
      if (next?.status === setting?.status) return
      setting = next
      cancel()
      const before = link
      link = null
      void (before?.close(true) ?? Promise.resolve()).then(() => {
        if (next !== null && next === setting && !isClosed) connect(next)
      })
    },
    async close() {
      isClosed = true
      cancel()
      await link?.close(false)
    },
  }
}

type Link = Pick<KeptThere, 'keep'> & { close(isGone: boolean): Promise<void> }
type LinkEvents = { onReady(): void; onGone(): void }

/** One connection, which is not tried again: what an older one had on the way must not come after what is newer. */
function openLink(
  { external, setting, clock, log }: OutsideKept & { setting: KeptSetting },
  { onReady, onGone }: LinkEvents,
): Link {
  const { status } = setting
  const client = mqtt.connect(external.url, optionsOf(external, status))
  let now: Standing | null = null
  let why = 'it is not connected yet'
  let isGone = false
  let gone = (_: Error): void => {}
  const lost = new Promise<never>((_, reject) => {
    gone = reject
  })
  lost.catch(() => undefined)
  const publish = async (topic: string, payload: string, retain: boolean): Promise<void> => {
    await client.publishAsync(topic, payload, { qos: 1, retain })
  }

  client.on('connect', () => {
    const ready = publish(status, 'offline', true).then(() => {
      now = standing({
        publish,
        status,
        clock,
        beforeOnline: () => sweep(client, setting, has, { clock, log }),
      })
      onReady()
    })
    ready.catch(() => undefined)
  })
  const has = (topic: string): boolean => now?.has(topic) ?? true
  client.on('error', error => {
    why = linkWords(error, GATEWAY)
  })
  client.on('close', () => {
    if (isGone) return
    isGone = true
    if (now !== null) why = 'the connection was cut, or nobody answers'
    now = null
    gone(new Error(whyWords(external, why)))
    client.end(true)
    onGone()
  })

  return {
    keep: (kept, isWhole) =>
      now === null
        ? Promise.reject(new Error(whyWords(external, why)))
        : Promise.race([now.keep(kept, isWhole), lost]),
    async close(isLast) {
      if (now !== null) await Promise.race([now.end(isLast), lost]).catch(() => undefined)
      isGone = true
      await client.endAsync(true)
    },
  }
}

const whyWords = ({ url }: ExternalSetting, why: string): string => `the broker ${url}: ${why}`

function optionsOf({ username, password, clientId, ca }: ExternalSetting, status: string): IClientOptions {
  return {
    clientId: `${clientId.slice(0, 19)}-out`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
  }
}
