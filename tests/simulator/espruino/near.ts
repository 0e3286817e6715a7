// A pendant of the built bundle near a receiver, the gateway's core behind that, and what it tells broadcast back as a receiver
// does: all on one clock.
import type { Told } from '../../../gateway/core/incident/consequence.ts'
import { createBeacons } from '../../../gateway/radio/beacons.ts'
import { beacons as orders } from '../../../gateway/receivers/beacons.ts'
import { inTurns } from '../../../simulator/air/turns.ts'
import { createBench } from '../../gateway/core/engine.ts'
import { ADDRESS, enrolled, wear } from './pendant.ts'

const RECEIVER = 'd0:00:00:00:00:01'

/** A pendant that is switched on near a receiver. The gateway can be taken away, and what it proves of desk and phone too. */
export const nearReceiver = (bundle: string, more: Readonly<Record<string, unknown>> = {}) => {
  const worn = wear(bundle, enrolled(more))
  const { clock, host } = worn
  const bench = createBench({ atMs: clock.nowMs() })
  const gateway = { isThere: true, isArmed: true, isInReach: true }
  const send = (data: Uint8Array) => {
    if (gateway.isInReach) host.hear({ address: RECEIVER, data, rssiDbm: -60 })
  }
  const beacons = createBeacons(clock, inTurns(clock, send))
  const answered: number[] = []
  const live = orders()
  const tell = (told: readonly Told[]): void => {
    if (told.length === 0) return
    live.take(told, clock.nowMs())
    beacons.order(live.current(clock.nowMs(), 'r-interview').order)
  }
  host.onAdvertisement(({ data }) => {
    if (!gateway.isThere || !gateway.isInReach) return
    bench.nowMs = clock.nowMs()
    bench.hear({ kind: 'desk', desk: 'a', by: null, isAudible: true })
    bench.hear({
      kind: 'target',
      channel: 'sip',
      target: '5150',
      fault: gateway.isArmed ? null : 'no answer',
    })
    const decision = bench.data(Buffer.from(data).toString('hex'), { address: ADDRESS })
    // Time goes by for it as well: what it tells of an open alarm it renews.
    const told = [...bench.hear({ kind: 'tick' }).told, ...decision.told]
    if (told.length === 0) return
    answered.push(clock.nowMs())
    tell(told)
  })
  host.powerOn()
  return { ...worn, gateway, answered, bench, tell }
}

/** The colours that went on, in order: r, g, b. Each LED is set by itself: of one instant the last counts. */
export const shown = (lit: ReturnType<typeof nearReceiver>['lit']): string =>
  lit
    .filter(({ atMs }, i) => atMs !== lit[i + 1]?.atMs)
    .map(({ lights: { red, green, blue } }) => (red ? 'r' : '') + (green ? 'g' : '') + (blue ? 'b' : ''))
    .filter(colours => colours !== '')
    .join(' ')
