// Why a broker outside is not connected, in words. Pure.
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'

/** MQTT 3.1.1 §3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it refuses the client id of the gateway',
  3: 'it says that it is not available',
  4: 'it refuses the user name or password of the gateway',
  5: 'it refuses the user name or password of the gateway, or lets it do nothing',
}

export function linkWords(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return REFUSALS[code] ?? `it refuses the gateway (code ${code})`
  const named = codeOf(error)
  if (named !== null && /CERT|SIGNATURE|SELF_SIGNED/.test(named))
    return `its certificate is not trusted (${named.toLowerCase().replaceAll('_', ' ')}): set broker.ca`
  return faultWords(error)
}
