// needs: openssl
// Pages over TLS: a real handshake in front of the simulated telephone, trusted and not.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { endOf, order, startRig, untilCall } from '../../gateway/pagers/sip/rig.ts'
import { type TlsFront, tlsInFrontOf } from '../tls-front.ts'

let phone: Phone
let front: TlsFront

beforeAll(async () => {
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  front = await tlsInFrontOf(phone.address.port, 'exchange')
})
afterAll(async () => {
  await front.close()
  await phone.close()
})

const sip = () => ({
  server: '127.0.0.1',
  port: front.port,
  transport: 'tls' as const,
  user: 'tocsin',
  register: false,
  displayName: 'Personal alarm',
})

test('an exchange with a trusted certificate is called', async () => {
  const rig = await startRig(front.port, { sip: sip(), ca: front.certificate })
  rig.pager.place(order('page-a'))
  await rig.step('page-a', 'reached')
  await untilCall(phone, call => call.state === 'talking')
  phone.press('1', 'info')
  expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
  await rig.close()
})

test('an exchange nobody vouches for is a fault, and no page goes there', async () => {
  const before = phone.calls().length
  const rig = await startRig(front.port, { sip: sip() })
  rig.pager.place(order('page-a'))
  const end = endOf(await rig.step('page-a', 'ended'))
  expect(end.outcome).toBe('unreachable')
  expect(end.detail).toContain('self-signed certificate')
  expect(phone.calls()).toHaveLength(before)
  await rig.close()
})
