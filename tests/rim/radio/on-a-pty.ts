// The real radio, its process and all, on a pty with the virtual controller at its end; everything it heard and told, and waiting for it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { systemClock } from '../../../gateway/clock.ts'
import { openRadio } from '../../../gateway/radio/hci/process/keeper.ts'
import type { Heard, Radio, RadioState } from '../../../gateway/radio/radio.ts'
import { realClock } from '../../../simulator/clock.ts'
import { type Controller, createController, type Fault } from '../../../simulator/controller/controller.ts'
import { PATIENCE } from '../../patience.ts'

export type OnPty = {
  controller: Controller
  radio: Radio
  heard: Heard[]
  states: RadioState[]
  /** The data of each packet that the controller sent, as hex. */
  sent: string[]
  /** Waits for a state of this kind that is none of the first `after`; answers it. */
  state(kind: RadioState['kind'], after?: number): Promise<RadioState>
  /** Sends packets with this in them until one is heard; answers it. */
  hearing(text: string): Promise<Heard>
}

export const dataOf = (text: string): Uint8Array =>
  Buffer.concat([Buffer.from([2, 1, 6, text.length + 3, 0xff, 0x90, 0x05]), Buffer.from(text)])

const stops: (() => Promise<void>)[] = []
/** For afterEach. */
export const stopAll = async (): Promise<void> => {
  for (const stop of stops.splice(0).reverse()) await stop()
}

/** `fault` is there from before the first command. */
export async function onPty(
  options: {
    bluetooth?: 4 | 5
    address?: string | null
    sets?: number
    deafAfterMs?: number
    fault?: Fault
  } = {},
): Promise<OnPty> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-radio-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  const { deafAfterMs = Number.POSITIVE_INFINITY, fault = null, ...chip } = options
  const controller = await createController({ path: join(folder, 'radio'), clock: realClock(), ...chip })
  stops.push(controller.close)
  controller.fault(fault)
  const sent: string[] = []
  controller.onBroadcast(data => void sent.push(Buffer.from(data).toString('hex')))
  const radio = openRadio({
    device: controller.path,
    deafAfterMs,
    clock: systemClock(),
    log: { info: () => {}, warn: () => {}, error: (fields, text) => console.error(text, fields) },
  })
  stops.push(radio.close)
  const heard: Heard[] = []
  const states: RadioState[] = []
  radio.onReport(one => void heard.push(one))
  radio.onState(state => void states.push(state))
  return { controller, radio, heard, states, sent, ...waiting(controller, heard, states) }
}

function waiting(
  controller: Controller,
  heard: Heard[],
  states: RadioState[],
): Pick<OnPty, 'state' | 'hearing'> {
  const found = <T>(what: string, look: () => T | undefined): Promise<T> =>
    vi.waitFor(
      () => {
        const it = look()
        if (it === undefined) throw new Error(`expected ${what}, came ${JSON.stringify(states)}`)
        return it
      },
      { ...PATIENCE, interval: 10 },
    )
  return {
    state: (kind, after = 0) => found(kind, () => states.slice(after).find(state => state.kind === kind)),
    hearing: text =>
      found(`a report of ${text}`, () => {
        controller.hear({ address: 'c7:f9:36:dd:b0:ca', data: dataOf(text), rssiDbm: -70 })
        return heard.find(({ data }) => Buffer.from(data).includes(text))
      }),
  }
}
