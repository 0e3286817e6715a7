// needs: openssl
// Pages over TLS: a real handshake in front of the simulated telephone, trusted and not.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { endOf, order, startRig, untilCall } from '../../gateway/pagers/sip/rig.ts'

let phone: Phone
let server: Server
let cert: string
let port: number

beforeAll(async () => {
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  const directory = await mkdtemp(join(tmpdir(), 'tls-'))
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...[
      '-subj',
      '/CN=exchange',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
  ])
  cert = await readFile(certFile, 'utf8')
  server = createServer({ key: await readFile(keyFile), cert }, socket => {
    const onward = connect(phone.address)
    for (const each of [socket, onward]) each.on('error', () => each.destroy())
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
  await rm(directory, { recursive: true })
})
afterAll(async () => {
  server.close()
  await phone.close()
})

const sip = () => ({
  server: '127.0.0.1',
  port,
  transport: 'tls' as const,
  user: 'tocsin',
  register: false,
  displayName: 'Personal alarm',
})

test('an exchange with a trusted certificate is called', async () => {
  const rig = await startRig(port, { sip: sip(), ca: cert })
  rig.pager.place(order('page-a'))
  await rig.step('page-a', 'reached')
  await untilCall(phone, call => call.state === 'talking')
  phone.press('1', 'info')
  expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
  await rig.close()
})

test('an exchange nobody vouches for is a fault, and no page goes there', async () => {
  const before = phone.calls().length
  const rig = await startRig(port, { sip: sip() })
  rig.pager.place(order('page-a'))
  const end = endOf(await rig.step('page-a', 'ended'))
  expect(end.outcome).toBe('unreachable')
  expect(end.detail).toContain('self-signed certificate')
  expect(phone.calls()).toHaveLength(before)
  await rig.close()
})
