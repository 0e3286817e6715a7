// One press of a bench: from its report leaving a receiver to its rows in the journal, and to the INVITE on the wire.
import { KIND_CORD } from '../../schemas/frame.ts'
import type { Pendant } from '../../schemas/site.ts'
import type { Phone } from '../../simulator/ports.ts'
import { sealedFrame } from '../gateway/core/building.ts'
import { atDesk, type GatewayProcess, type ReceiverClient } from '../gateways/gateway-process.ts'
import { benchSite, PRESSERS } from './site.ts'

export type Pressing = {
  gateway: GatewayProcess
  phone: Phone
  receiver: ReceiverClient
  presses: number
  /** Whose presses they are, in turn; those of the small building where left out. */
  pendants?: readonly Pick<Pendant, 'address' | 'key'>[]
}
export type Pressed = { journalMs: number; inviteMs: number }

/** One press: its two instants, then the incident is resolved and the call has ended, so that presses don't pile up. */
export async function press(rig: Pressing): Promise<Pressed> {
  const { gateway, phone, receiver } = rig
  const i = rig.presses
  rig.presses += 1
  const pressers = rig.pendants ?? benchSite(0).pendants.slice(0, PRESSERS)
  const pendant = pressers[i % pressers.length]
  if (pendant === undefined) throw new Error('a bench without pendants')
  const { address, key = '' } = pendant
  const round = Math.floor(i / pressers.length) + 1
  const data = sealedFrame({
    counter: 10 * round,
    kind: KIND_CORD,
    alarmNumber: round,
    address,
    key,
  })
  const newest = phone.calls().at(-1)?.id
  const startedAtMs = performance.now()
  const invited = change(phone, () => phone.calls().at(-1)?.id !== newest || undefined)
  const kept = receiver.report(address, data).then(() => performance.now() - startedAtMs)
  await invited
  const inviteMs = performance.now() - startedAtMs
  const journalMs = await kept
  const incident = `i-${String(i + 1).padStart(4, '0')}`
  const status = await atDesk(gateway.url, incident, 'resolve', {
    by: 'bench',
    outcome: 'test',
    reason: 'measured',
  })
  // 202: carried out, and a slow disk has not taken it yet.
  if (status !== 200 && status !== 202) throw new Error(`expected 200 for ${incident}, came ${status}`)
  await change(phone, () => phone.calls().every(call => call.state === 'ended') || undefined)
  return { journalMs, inviteMs }
}

/** Resolves in the very turn in which the phone changes so. */
function change<T>(phone: Phone, look: () => T | undefined): Promise<T> {
  return new Promise(resolve => {
    let isDone = false
    const check = () => {
      const found = isDone ? undefined : look()
      if (found === undefined) return
      isDone = true
      resolve(found)
    }
    phone.onChange(check)
    check()
  })
}

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}
