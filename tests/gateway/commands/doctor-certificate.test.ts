// needs: openssl
// `tocsin doctor` looks at the certificate that receivers are shown: whose it is, how long it is good for, and what to do where it is
// not; by the files of the site file, and of a broker outside by asking it.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { tryCertificate } from '../../../gateway/commands/doctor/certificate.ts'
import type { Finding } from '../../../gateway/commands/doctor/finding.ts'
import { tryPorts } from '../../../gateway/commands/doctor/ports.ts'
import { freePort } from '../../rim/telephone/port.ts'
import { site } from '../core/building.ts'
import { builtTocsin } from './cli-process.ts'

const DAY_MS = 86_400_000
const NAMED = ['-addext', 'subjectAltName=DNS:tocsin.example.org,IP:127.0.0.1']
let folder = ''
const at = (name: string): string => join(folder, name)
const files = (cert: string, key = cert) => ({ cert: at(`${cert}.crt`), key: at(`${key}.key`) })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-certificate-'))
  const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const [name, names] of [
    ['good', NAMED],
    ['other', NAMED],
    ['nameless', []],
  ] as const) {
    const made = [
      '-days',
      '90',
      '-subj',
      '/CN=tocsin',
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.crt`),
    ]
    execFileSync('openssl', [...how, ...made, ...names], { stdio: 'pipe' })
    chmodSync(at(`${name}.key`), 0o600)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const inDays = (days: number): number => Date.now() + days * DAY_MS

it('a good one: for whom, and how many days it has left', () => {
  expect(tryCertificate(files('good'))).toEqual([
    {
      tried: 'tls',
      is: 'ok',
      came: expect.stringMatching(
        /^the certificate for receivers \(tocsin\.example\.org, 127\.0\.0\.1\) is good for (89|90) more days$/,
      ),
    },
  ])
  expect(tryCertificate(undefined), 'without TLS there is none').toEqual([])
})

it('one that ends soon is a warning, one that ended or has not begun is broken, each with what to do', () => {
  const soon = tryCertificate(files('good'), inDays(80))
  expect(soon).toMatchObject([{ is: 'warning', came: expect.stringMatching(/ends in \d+ days, on /) }])
  const over = tryCertificate(files('good'), inDays(91))
  expect(over).toMatchObject([{ is: 'broken', came: expect.stringMatching(/ended on \d{4}-/) }])
  const early = tryCertificate(files('good'), inDays(-2))
  expect(early).toMatchObject([{ is: 'broken', came: expect.stringMatching(/begins only on \d{4}-/) }])
  for (const [finding] of [soon, over, early]) expect(finding?.mend).toMatch(/^renew it/)
})

it('one for no name is a warning: whoever checks it refuses it', () => {
  expect(tryCertificate(files('nameless'))).toMatchObject([
    {
      is: 'warning',
      came: expect.stringMatching(/is for no name/),
      mend: expect.stringMatching(/subjectAltName/),
    },
  ])
})

/** What the command says of a site whose certificate is this. */
async function doctor(tls: object): Promise<Finding[]> {
  const file = at('site.yaml')
  writeFileSync(file, stringify({ ...site(), mqtt: { tls } }), { mode: 0o600 })
  const ports = ['--http', `127.0.0.1:${await freePort()}`, '--mqtt', `127.0.0.1:${await freePort()}`]
  const { out } = await builtTocsin('doctor', '--site', file, '--data', at('data'), ...ports, '--json')
  return JSON.parse(out)
}

it.each([
  [
    'a key of another one',
    { cert: 'good.crt', key: 'other.key' },
    /mqtt\.tls\.key/,
    /^name the key that was made with/,
  ],
  ['no key', { cert: 'good.crt', key: 'none.key' }, /no such file/, /^name the key/],
  ['no certificate', { cert: 'none.crt', key: 'good.key' }, /no such file/, /^name the certificate/],
  [
    'a file that is none',
    { cert: 'good.key', key: 'good.key' },
    /a certificate in PEM/,
    /^name the certificate/,
  ],
])('the command says of %s what it is and what to do', async (_, tls, came, mend) => {
  const found = await doctor(tls)
  expect(found[0]).toEqual({
    tried: 'site',
    is: 'broken',
    came: expect.stringMatching(came),
    mend: expect.stringMatching(mend),
  })
})

it('the command names a good one with the rest', async () => {
  const found = await doctor({ cert: 'good.crt', key: 'good.key' })
  expect(found).toContainEqual({
    tried: 'tls',
    is: 'ok',
    came: expect.stringMatching(/tocsin\.example\.org/),
  })
})

it('that of a broker outside is asked for, and checked as the gateway does', async () => {
  const { cert, key } = files('good')
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const desk = { host: '127.0.0.1', port: await freePort() }
  const url = `mqtts://127.0.0.1:${(server.address() as { port: number }).port}`
  const said = async (more: object): Promise<Finding | undefined> => {
    const { found } = await tryPorts(desk, desk, { broker: { url, clientId: 'tocsin-gateway', ...more } })
    return found.find(({ tried }) => tried === 'tls')
  }
  try {
    expect(await said({ ca: cert })).toMatchObject({ is: 'ok', came: expect.stringMatching(/is good for/) })
    expect(await said({}), 'signed by nobody that this machine knows').toMatchObject({
      is: 'broken',
      mend: expect.stringMatching(/broker\.ca/),
    })
  } finally {
    server.close()
  }
})
