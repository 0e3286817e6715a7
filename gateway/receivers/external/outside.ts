// The way in by a broker outside, as the thread that keeps it is started and asked: whether the thread answers, and what it says of
// the connection. The same as the ports of the gateway's own broker (thread/ways.ts).
import { readFileSync } from 'node:fs'
import type { ExternalBroker } from '../../../schemas/site/broker.ts'
import type { Ways } from '../thread/ways.ts'

export type OutsideOptions = {
  broker: ExternalBroker
  /** Whether the thread answers. */
  answers(): Promise<boolean>
}

/** `use` takes another kind of way for another thread's. */
export function wayOutside({ broker, answers }: OutsideOptions): Ways {
  const { url, username, clientId, passwordFile, ca } = broker
  const password = passwordFile === undefined ? () => broker.password : newest(passwordFile)
  const authority = ca === undefined ? () => undefined : newest(ca)
  const at = broker.url.replace(/^mqtts?:\/\//, '')
  return {
    setting() {
      const given = {
        ...(username !== undefined && { username }),
        ...present('password', password()?.trim()),
        ...present('ca', authority()),
      }
      return { host: at, port: null, tls: null, external: { url, clientId, ...given } }
    },
    listens() {},
    use: () => 'other',
    ask: async () => ((await answers()) ? null : 'its thread is not there'),
    words: () => `the broker ${broker.url}`,
    renew() {},
    close() {},
  }
}

const present = <Key extends string>(key: Key, value: string | undefined): { [each in Key]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [each in Key]: string })

/** The file as it is whenever it is asked for; as it was before where it cannot be read then. Throws where it never could. */
function newest(file: string): () => string {
  let text = readFileSync(file, 'utf8')
  return () => {
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      // The thread that is started anew is not to fail for it.
    }
    return text
  }
}
