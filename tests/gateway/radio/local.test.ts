// A radio of the gateway's own machine: a receiver without a broker, from what it hears to what it broadcasts.
import { expect, test } from 'vitest'
import { ownRadios } from '../../../gateway/own-radios.ts'
import type { EngineEvent, Submit } from '../../../gateway/ports.ts'
import type { Receiver } from '../../../schemas/site.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { fakeRadio, sealed } from './fake-radio.ts'

const silent = { info() {}, warn() {}, error() {} }
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const onHci0: Receiver = { id: 'r-own', room: 'hall', radio: 'hci0' }

function setUp(submit: Submit) {
  const clock = steppedClock(1_000)
  const opened: { device: string; air: ReturnType<typeof fakeRadio> }[] = []
  const radios = ownRadios({
    ...{ site: { receivers: [] }, submit, clock, log: silent },
    open(device) {
      const air = fakeRadio()
      opened.push({ device, air })
      return air.radio
    },
  })
  return { clock, opened, radios }
}
function taken() {
  const events: EngineEvent[] = []
  const submit: Submit = async event => {
    events.push(event)
    return { refused: null }
  }
  return { events, submit }
}

test('only a receiver that names a radio is opened here; what it hears is an event, and so is how it is', async () => {
  const { events, submit } = taken()
  const { opened, radios } = setUp(submit)
  radios.setSite({ receivers: [onHci0, { id: 'r-far', room: 'hall', password: 'password' }] })
  expect(opened.map(({ device }) => device)).toEqual(['hci0'])
  await turn()
  expect(events).toMatchObject([
    { kind: 'receiver-status', receiver: 'r-own', status: { radio: 'starting' } },
  ])
  opened[0]?.air.hear(sealed(1), 990)
  expect(events[1]).toEqual({
    ...{ kind: 'reports', receiver: 'r-own', wasRedelivered: false },
    reports: [
      {
        ...{ address: 'c7:f9:36:dd:b0:ca', rssiDbm: -60, ageMs: 10 },
        data: Buffer.from(sealed(1)).toString('hex'),
      },
    ],
  })
})

test('what the engine does not take is told again, older by as long as it took', async () => {
  const { events, submit } = taken()
  let isRefusing = false
  const { clock, opened, radios } = setUp(async event => {
    if (isRefusing) throw new Error('the disk refuses')
    return submit(event)
  })
  radios.setSite({ receivers: [onHci0] })
  await turn()
  isRefusing = true
  opened[0]?.air.hear(sealed(1), 1_000)
  await turn()
  isRefusing = false
  clock.advance(500)
  await turn()
  const reports = events.flatMap(event => (event.kind === 'reports' ? event.reports : []))
  expect(reports.map(({ ageMs }) => ageMs)).toEqual([500])
})

test('what was carried out and only the disk did not take is not told again, and the radio stays where it is', async () => {
  const { events, submit } = taken()
  const { clock, opened, radios } = setUp(async event => {
    await submit(event)
    throw Object.assign(new Error('disk full'), { name: 'NotKept' })
  })
  radios.setSite({ receivers: [onHci0] })
  await turn()
  opened[0]?.air.hear(sealed(1), 1_000)
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000)
    await turn()
  }
  expect(events.filter(({ kind }) => kind === 'reports')).toHaveLength(1)
})

test('it broadcasts what the wearers are told, and what answers an ask that it heard', () => {
  const { opened, radios } = setUp(taken().submit)
  radios.setSite({ receivers: [onHci0] })
  radios.tell([{ pendant: 'p-07', data: '0201', forMs: 10_000 }])
  radios.tell([{ pendant: 'p-08', data: '0302', forMs: 10_000, receivers: ['r-far'] }])
  radios.tell([{ pendant: 'p-09', data: '0403', forMs: 10_000, receivers: ['r-own'] }])
  expect(opened[0]?.air.onAir.at(-1)).toEqual(['0201', '0403'])
})

test('a changed site closes the radio that it no longer names, and leaves the others as they are', async () => {
  const { opened, radios } = setUp(taken().submit)
  radios.setSite({ receivers: [onHci0] })
  radios.setSite({ receivers: [onHci0, { ...onHci0, id: 'r-two', radio: '/dev/ttyACM0' }] })
  radios.setSite({ receivers: [{ ...onHci0, radio: 'hci1' }] })
  await turn()
  expect(opened.map(({ device, air }) => [device, air.isClosed()])).toEqual([
    ['hci0', true],
    ['/dev/ttyACM0', true],
    ['hci1', false],
  ])
  await radios.close()
  expect(opened[2]?.air.isClosed()).toBe(true)
})
