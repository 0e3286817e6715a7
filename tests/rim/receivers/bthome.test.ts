// Buttons that are not ours, over real MQTT into a whole gateway: a press is an incident, an assist or an okay as the site
// says, once, and whatever only looks like one raises nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { topicOf } from '../../../schemas/report.ts'
import { Bthome, Site } from '../../../schemas/site.ts'
import { KEY, site } from '../../gateway/core/building.ts'
import { BUTTON_ADDRESS, type ButtonFrame, plainButton, sealedButton } from '../../gateway/core/buttons.ts'
import {
  atDesk,
  deskOf,
  type GatewayProcess,
  metric,
  type ReceiverClient,
} from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'

const SEALED = BUTTON_ADDRESS
const PLAIN = '54:48:e6:8f:80:a6'
const [PRESS, DOUBLE, LONG, HOLD] = [0x01, 0x02, 0x04, 0x80]

let small: SmallBuilding
let gateway: GatewayProcess
let receiver: ReceiverClient
let other: ReceiverClient
/** Counters of the sealed button, each higher than all before. */
let counter = 100

const join = async (): Promise<void> => {
  receiver = await small.receiver('r-interview')
  other = await small.receiver('r-hall')
}
const part = async (): Promise<void> => {
  await receiver?.close()
  await other?.close()
}

beforeAll(async () => {
  const mapping = { double: 'assist', hold: 'okay', triple: 'none' } as const
  const pendants = [
    { id: 'b-01', address: SEALED, wearer: 'jane', key: KEY, bthome: Bthome.parse(mapping) },
    { id: 'b-02', address: PLAIN, wearer: 'omar', bthome: Bthome.parse({ ...mapping, allowPlain: true }) },
  ]
  small = await startSmallBuilding({ site: Site.parse({ ...site(), pendants }) })
  gateway = small.gateway
  await join()
})
afterAll(() => small?.stop())

const sealed = (of: ButtonFrame, info = 0x45, at = ++counter) =>
  receiver.report(SEALED, sealedButton(at, of, info))
const plain = (of: ButtonFrame, info = 0x44) => receiver.report(PLAIN, plainButton(of, info))
const events = (kind: string) => metric(gateway.url, 'tocsin_pendant_events_total', `{kind="${kind}"}`)
const refused = (reason: string) => metric(gateway.url, 'tocsin_refused_total', `{reason="${reason}"}`)

const incidents = async () => (await deskOf(gateway.url)).incidents
const resolveAll = async (): Promise<void> => {
  for (const { id, state } of await incidents()) {
    if (state === 'resolved') continue
    const answer = { by: 'Ann', outcome: 'false-alarm', reason: 'the next case' }
    expect(await atDesk(gateway.url, id, 'resolve', answer)).toBe(200)
  }
}

/** Incidents that `act` raised, and presses that it added to those that were open. */
async function raisedBy(act: () => Promise<unknown>): Promise<string[]> {
  const before = new Map((await incidents()).map(({ id, presses }) => [id, presses]))
  await act()
  return (await incidents()).flatMap(({ id, kind, verified, presses }) => {
    const known = before.get(id)
    if (known === undefined) return [`${kind}${verified ? '' : ' unverified'}`]
    return presses === known ? [] : ['pressed again']
  })
}

beforeEach(resolveAll)

describe('a press of', () => {
  it.each<{ name: string; act: () => Promise<void>; raised: string[] }>([
    {
      name: 'a sealed trigger button is an alarm',
      act: () => sealed({ packetId: 1, buttons: [PRESS] }),
      raised: ['button'],
    },
    {
      name: 'a sealed button that does not call itself one (0x41) is an alarm',
      act: () => sealed({ packetId: 2, buttons: [LONG] }, 0x41),
      raised: ['button'],
    },
    {
      name: 'a sealed button twice is an assist, as the site says',
      act: () => sealed({ packetId: 3, buttons: [DOUBLE] }),
      raised: ['assist'],
    },
    {
      name: 'a plain button is an unverified alarm',
      act: () => plain({ packetId: 1, buttons: [PRESS] }),
      raised: ['button unverified'],
    },
    {
      name: 'a plain button that does not call itself one (0x40) is an unverified assist',
      act: () => plain({ packetId: 2, buttons: [DOUBLE] }, 0x40),
      raised: ['assist unverified'],
    },
  ])('$name', async ({ act, raised }) => {
    expect(await raisedBy(act)).toEqual(raised)
  })

  it('a hold is an okay, once, and no incident', async () => {
    const before = await events('okay')
    const act = async () => {
      for (let i = 0; i < 3; i++) await sealed({ packetId: 9, buttons: [HOLD] })
      await plain({ packetId: 9, buttons: [HOLD] })
      await plain({ packetId: 9, buttons: [HOLD] })
    }
    expect(await raisedBy(act)).toEqual([])
    expect((await events('okay')) - before).toBe(2)
  })
})

describe('a press is its event, not its repeats', () => {
  it('however many receivers hear it and however often it is sent, sealed anew or not', async () => {
    const act = async () => {
      const at = ++counter
      const data = sealedButton(at, { packetId: 20, buttons: [PRESS] })
      for (let i = 0; i < 5; i++) {
        await receiver.report(SEALED, data)
        await other.report(SEALED, data, -80)
      }
      for (let i = 0; i < 5; i++) await sealed({ packetId: 20, buttons: [PRESS] })
    }
    expect(await raisedBy(act)).toEqual(['button'])
  })

  it('and the next one is the next: also where the packet id goes round', async () => {
    expect(await raisedBy(() => sealed({ packetId: 255, buttons: [PRESS] }))).toEqual(['button'])
    expect(await raisedBy(() => sealed({ packetId: 0, buttons: [PRESS] }))).toEqual(['pressed again'])
    expect(await raisedBy(() => plain({ packetId: 255, buttons: [PRESS] }))).toEqual(['button unverified'])
    expect(await raisedBy(() => plain({ packetId: 0, buttons: [PRESS] }))).toEqual(['pressed again'])
  })
})

describe('a phantom press raises nothing:', () => {
  /** The press that came before, and is over: its incident was resolved. */
  const pressed = async (): Promise<void> => {
    await sealed({ packetId: 40, buttons: [PRESS] })
    await plain({ packetId: 40, buttons: [PRESS] })
    await resolveAll()
  }
  const publish = (payload: object, more: { retain?: boolean; dup?: boolean }) =>
    receiver.client.publishAsync(topicOf('r-interview', 'reports'), JSON.stringify(payload), {
      qos: 1,
      ...more,
    })
  const batch = (address: string, data: string, ageMs = 0) => ({
    v: 1,
    reports: [{ address, rssiDbm: -60, data, ageMs }],
  })

  it.each<{ name: string; act: () => Promise<unknown> }>([
    {
      name: 'a battery frame without a button, or with button none',
      act: async () => {
        await sealed({ packetId: 41, buttons: [], battery: 90 })
        await sealed({ packetId: 42, buttons: [0], battery: 90 })
        await plain({ packetId: 41, buttons: [], battery: 90 })
        await plain({ packetId: 42, buttons: [0, 0, 0, 0], battery: 90 })
      },
    },
    {
      name: 'a battery frame that still carries the last button',
      act: async () => {
        await sealed({ packetId: 40, buttons: [PRESS], battery: 89 })
        await plain({ packetId: 40, buttons: [PRESS], battery: 89 })
      },
    },
    {
      name: 'a stack that tells old data between new',
      act: async () => {
        for (let i = 0; i < 3; i++) {
          await plain({ packetId: 43 + i, buttons: [], battery: 88 })
          await plain({ packetId: 40, buttons: [PRESS] })
        }
      },
    },
    {
      name: 'a packet id that goes round through that of the last press, without a button',
      act: async () => {
        for (const id of [254, 255, 0, 39, 40, 41]) {
          await sealed({ packetId: id, buttons: [] })
          await plain({ packetId: id, buttons: [0] })
        }
      },
    },
    {
      name: 'a device that begins anew: no button yet, and none under a counter from the start (refused as played again)',
      act: async () => {
        await plain({ packetId: 0, buttons: [0] })
        const before = await refused('replayed')
        // Heard five seconds ago, so that a lower counter now is not one that was only delayed.
        await publish(batch(SEALED, sealedButton(++counter, { packetId: 49, buttons: [] }), 5_000), {})
        await sealed({ packetId: 70, buttons: [] }, 0x45, 1)
        expect((await refused('replayed')) - before).toBe(1)
      },
    },
    {
      name: 'plain words of the one with a key',
      act: async () => {
        const before = await refused('downgrade')
        await receiver.report(SEALED, plainButton({ packetId: 50, buttons: [PRESS] }))
        expect((await refused('downgrade')) - before).toBe(1)
      },
    },
    {
      name: 'a press that the broker was asked to retain',
      act: async () => {
        const data = sealedButton(++counter, { packetId: 51, buttons: [PRESS] })
        await publish(batch(SEALED, data), { retain: true })
      },
    },
    {
      name: 'a press that was on the air before the newest frame, told late for the second time',
      act: async () => {
        const data = sealedButton(counter - 1, { packetId: 40, buttons: [PRESS] })
        await publish(batch(SEALED, data), { dup: true })
      },
    },
  ])('$name', async ({ act }) => {
    await pressed()
    expect(await raisedBy(act)).toEqual([])
  })

  it('but a press of a device whose counter began anew is called, once, as suspect', async () => {
    await publish(batch(SEALED, sealedButton(++counter, { packetId: 49, buttons: [] }), 5_000), {})
    const act = () => sealed({ packetId: 70, buttons: [PRESS] }, 0x45, 2)
    expect(await raisedBy(act)).toEqual(['button'])
    expect((await incidents()).at(-1)?.suspicion).toContain('Suspect, check')
    await resolveAll()
    expect(await raisedBy(act)).toEqual([])
  })

  it('one that goes on being sent while the gateway is killed and started again', async () => {
    await resolveAll()
    await sealed({ packetId: 60, buttons: [PRESS] })
    await plain({ packetId: 60, buttons: [PRESS] })
    const last = counter
    await part()
    await gateway.kill()
    gateway = await small.startAgain()
    await join()
    const act = async () => {
      await sealed({ packetId: 60, buttons: [PRESS] }, 0x45, last)
      await sealed({ packetId: 60, buttons: [PRESS] })
      await plain({ packetId: 60, buttons: [PRESS] })
    }
    expect(await raisedBy(act)).toEqual([])
    expect((await incidents()).filter(({ state }) => state === 'raised')).toHaveLength(2)
  })
})
