// `tocsin receiver` with options that cannot be right: what was expected and what came, before anything is opened.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBroker } from '../../../gateway/commands/receiver.ts'
import { builtTocsin } from './cli-process.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'receiver-'))
  const files = { good: 'password-1\n', short: 'secret\n', two: 'password-1\npassword-2\n', empty: '' }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
})
afterAll(() => rmSync(folder, { recursive: true }))

const WELL = { '--id': 'r-1', '--broker': 'mqtt://127.0.0.1:1', '--password-file': 'good', '--radio': 'hci0' }
const started = (changed: Partial<typeof WELL> & { '--ca'?: string }) =>
  builtTocsin(
    'receiver',
    ...Object.entries({ ...WELL, ...changed }).flatMap(([name, value]) =>
      name.endsWith('file') || name === '--ca' ? [name, join(folder, value)] : [name, value],
    ),
  )

describe('a receiver is not started', () => {
  it.each([
    [{ '--id': 'R 1' }, 'expected an id of a-z, 0-9 and -, at most 32 characters, came "R 1"'],
    [
      { '--broker': 'http://x' },
      'expected mqtt://HOST:PORT or mqtts://HOST:PORT, and nothing else in it, came "http://x"',
    ],
    [
      { '--radio': 'bluetooth' },
      'expected an adapter like hci0, or a device like /dev/ttyACM0, came "bluetooth"',
    ],
    [
      { '--password-file': 'none' },
      'expected a file with the password of receiver r-1, came no such file or folder',
    ],
    [
      { '--password-file': 'short' },
      'expected one line with a password of 8 to 128 characters, came 6 characters',
    ],
    [
      { '--password-file': 'two' },
      'expected one line with a password of 8 to 128 characters, came several lines',
    ],
    [
      { '--password-file': 'empty' },
      'expected one line with a password of 8 to 128 characters, came nothing',
    ],
    [{ '--ca': 'good' }, 'expected --ca with mqtts:// only, came mqtt://, which is not encrypted'],
    [{ '--ca': 'good', '--broker': 'mqtts://127.0.0.1' }, 'expected certificates as PEM'],
  ])('with %j, and why is said', async (changed, words) => {
    const { status, out, err } = await started(changed)
    expect(err).toContain(words)
    expect([status, out]).toEqual([1, ''])
    expect(err).not.toContain('password-1')
  })
})

describe('a broker is read', () => {
  it.each([
    ['mqtt://gateway', { host: 'gateway', port: 1883, isTls: false }],
    ['mqtts://gateway.example/', { host: 'gateway.example', port: 8883, isTls: true }],
    ['mqtts://[::1]:18883', { host: '::1', port: 18_883, isTls: true }],
  ])('from %s', (text, is) => expect(readBroker(text)).toEqual(is))
  it.each([
    'gateway:1883',
    'mqtt://',
    'mqtt://a:b@gateway',
    'mqtt://gateway/topic',
    'mqtt://gateway?x=1',
    'mqtt://gateway:99999',
  ])('and %s is none', text => expect(() => readBroker(text)).toThrow('expected mqtt://HOST:PORT'))
})

/** What stands in the unit, without its comments. */
const unit = readFileSync(
  new URL('../../../gateway/debian/tocsin-receiver@.service', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter(line => !line.startsWith('#'))

it('is watched by systemd, which it gives its signs by a program of its own', () => {
  expect(unit).toEqual(
    expect.arrayContaining(['Type=notify', 'NotifyAccess=all', 'WatchdogSec=30', 'Restart=always']),
  )
})

it('may use a radio on a serial port: nothing in its unit closes devices', () => {
  // ProtectClock does, before systemd 253 (systemd pull request 25075).
  expect(unit.filter(line => /^(PrivateDevices|ProtectClock|DevicePolicy|DeviceAllow)=/.test(line))).toEqual(
    [],
  )
})
