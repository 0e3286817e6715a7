// Telephones asked for without ringing them: what an answer means, and a real telephone that is there, gone and back.
import { afterEach, describe, expect, it, test } from 'vitest'
import { faultOf } from '../../../../gateway/pagers/sip/asking.ts'
import type { TargetEvent } from '../../../../gateway/ports.ts'
import { createPhone } from '../../../../simulator/phones/phone.ts'
import { type Rig, startRig } from './rig.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

describe('an answer to OPTIONS', () => {
  it.each([
    [200, 'OK', null],
    [486, 'Busy Here', null],
    [405, 'Method Not Allowed', null],
    [480, 'Temporarily Unavailable', '480 Temporarily Unavailable'],
    [404, 'Not Found', '404 Not Found'],
    [408, 'Request Timeout', '408 Request Timeout'],
    [503, 'Service Unavailable', '503 Service Unavailable'],
    [401, 'Unauthorized', '401 Unauthorized'],
  ])('%i %s: %s', (status, reason, fault) => {
    expect(faultOf({ status, reason })).toBe(fault)
  })
})

const untilTelephone = (rig: Rig, isFault: boolean): Promise<TargetEvent> =>
  rig.until(event => event.kind === 'target' && (event.fault !== null) === isFault) as Promise<TargetEvent>

test('a telephone that answers can be called; with the line, it is gone at once; and it never rings', async () => {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  closers.push(() => phone.close())
  const rig = await startRig(phone.address.port, { targets: ['5150'] })
  closers.push(() => rig.close())
  expect(await untilTelephone(rig, false)).toEqual({
    kind: 'target',
    channel: 'sip',
    target: '5150',
    fault: null,
  })
  await phone.setMode('down')
  expect((await untilTelephone(rig, true)).fault).toMatch(/cannot be reached/)
  expect(phone.calls()).toEqual([])
})
