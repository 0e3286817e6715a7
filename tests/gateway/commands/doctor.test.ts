// needs: mounting, espeak-ng
// `tocsin doctor`: each thing that an alarm needs is tried for real, said with what to do, and left as it was.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tryData, tryHolder } from '../../../gateway/commands/doctor/data.ts'
import type { Finding } from '../../../gateway/commands/doctor/finding.ts'
import { tryClock, tryRadio } from '../../../gateway/commands/doctor/machine.ts'
import { tryPorts } from '../../../gateway/commands/doctor/ports.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { startSmallBuilding } from '../../gateways/small-building.ts'
import { freePort } from '../../rim/telephone/port.ts'
import { plainBatch } from '../store/changes.ts'
import { builtTocsin } from './cli-process.ts'

// As the command line has it.
process.umask(0o077)

let folder: string
let data: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'))
  data = join(folder, 'data')
  const journal = openJournal(join(data, 'journal.sqlite'))
  await journal.commit(plainBatch('a', 3))
  await journal.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const amiss = (found: readonly Finding[]): Finding[] => found.filter(({ is }) => is !== 'ok')

it('of a gateway that runs asks how it is, and rings nobody; once it is stopped, it tries its telephone itself', async () => {
  const small = await startSmallBuilding({ phone: 'manual' })
  try {
    const { http, mqtt } = {
      http: new URL(small.gateway.url).host,
      mqtt: `127.0.0.1:${small.gateway.mqtt.port}`,
    }
    const asked = [
      'doctor',
      '--site',
      small.folder.siteFile,
      '--data',
      small.folder.data,
      '--http',
      http,
      '--mqtt',
      mqtt,
      '--json',
    ]
    const running: Finding[] = JSON.parse((await builtTocsin(...asked)).out)
    expect(running).toContainEqual({
      tried: 'gateway',
      is: 'warning',
      came: `a gateway runs at ${http}, and is not well`,
    })
    expect(running).toContainEqual({ tried: 'broker', is: 'ok', came: `it takes connections at ${mqtt}` })
    expect(running.map(({ tried }) => tried)).not.toContain('exchange')

    const another = join(folder, 'another.yaml')
    writeFileSync(another, readFileSync(small.folder.siteFile, 'utf8').replace('"Test site"', '"Annex"'))
    chmodSync(another, 0o600)
    const others = ['doctor', '--site', another, '--data', data, ...asked.slice(5)]
    const ofAnother: Finding[] = JSON.parse((await builtTocsin(...others)).out)
    expect(ofAnother.filter(({ tried }) => tried === 'gateway')).toEqual([
      {
        tried: 'gateway',
        is: 'broken',
        came: `the gateway at ${http} is of another site: expected Annex, came Test site`,
        mend: expect.stringContaining('--http'),
      },
    ])
    expect(
      ofAnother.map(({ tried }) => tried),
      'its own exchange is tried',
    ).toContain('exchange')
    await small.gateway.stop()

    const files = readdirSync(small.folder.data)
    const { status, out } = await builtTocsin(...asked)
    const stopped: Finding[] = JSON.parse(out)
    expect({ status, broken: stopped.filter(({ is }) => is === 'broken') }).toEqual({ status: 0, broken: [] })
    const about = (tried: string) => stopped.find(each => each.tried === tried)
    expect(about('exchange')).toMatchObject({
      is: 'ok',
      came: expect.stringMatching(/^5150 .*can be called/),
    })
    expect(about('voice')).toMatchObject({ is: 'ok', came: expect.stringMatching(/^espeak-ng speaks en-gb/) })
    expect(about('desk')).toMatchObject({ is: 'ok', came: `${http} is free: no gateway runs there` })
    expect(small.phone.calls()).toEqual([])
    expect(readdirSync(small.folder.data)).toEqual(files)

    await small.phone.close()
    const without = await builtTocsin(...asked.slice(0, -1))
    expect(without.status).toBe(1)
    expect(without.out).toMatch(/cannot be reached: nothing listens there$/m)
    expect(without.out).not.toMatch(/\b(ECONNREFUSED|getaddrinfo)\b/)
    expect(without.out).toMatch(/: 1 receiver, |: [2-9] receivers, /)
    expect(without.out).toMatch(
      /^broken {4}exchange {2}5150 .* cannot be called: .*\n {20}→ look at sip in the site file/m,
    )
  } finally {
    await small.stop()
  }
})

it('says each problem of a site file, and tries the machine all the same', async () => {
  const site = join(folder, 'site.yaml')
  writeFileSync(site, 'site: Northgate\nbuildings: []\n', { mode: 0o600 })
  const listen = ['--http', `127.0.0.1:${await freePort()}`, '--mqtt', `127.0.0.1:${await freePort()}`]
  const { status, out } = await builtTocsin('doctor', '--site', site, '--data', data, ...listen)
  expect(status).toBe(1)
  expect(out).toMatch(/^broken {4}site {6}site\.yaml:2:12 buildings: expected /m)
  expect(out).toMatch(/^ok {8}journal {3}3 rows, each as it was written$/m)
})

describe('the data folder', () => {
  it('that a gateway holds which is not at the desk’s port says so: its telephone is left alone too', async () => {
    const journal = openJournal(join(data, 'journal.sqlite'))
    expect(tryHolder(data, true)).toBeNull()
    expect(tryHolder(data, false)).toMatchObject({
      is: 'broken',
      came: expect.stringContaining(`process ${process.pid} on `),
    })
    await journal.close()
    expect(tryHolder(data, false)).toBeNull()
  })

  it('of a gateway is well, and what was written to try it is gone', () => {
    const files = readdirSync(data)
    expect(amiss(tryData(data))).toEqual([])
    expect(readdirSync(data)).toEqual(files)
  })

  it('says who else may read it, whose files are strange, and which row was altered', () => {
    const file = join(data, 'journal.sqlite')
    const db = new Sqlite(file)
    db.exec(`DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'somebody else' WHERE seq = 2`)
    db.close()
    chmodSync(data, 0o755)
    chownSync(file, 65_534, 65_534)
    expect(amiss(tryData(data))).toMatchObject([
      { tried: 'rights', is: 'warning', came: `others may read ${data}`, mend: `chmod go= ${data}` },
      { tried: 'rights', is: 'broken', mend: `chown --reference=${data} ${file}` },
      { tried: 'journal', is: 'broken', came: 'row 2 is not as it was written' },
    ])
  })

  it.each([
    ['a file', () => writeFileSync(data, ''), 'disk', /is no folder/],
    ['a link that leads nowhere', () => symlinkSync(join(folder, 'none'), data), 'disk', /cannot be used/],
    ['a link to itself', () => symlinkSync(data, data), 'disk', /its links lead in a circle/],
    [
      'one whose journal is a folder',
      () => mkdirSync(join(data, 'journal.sqlite'), { recursive: true, mode: 0o700 }),
      'journal',
      /it is a folder$/,
    ],
    [
      'one whose journal is a link that leads nowhere',
      () => {
        mkdirSync(data, { mode: 0o700 })
        symlinkSync(join(folder, 'none'), join(data, 'journal.sqlite'))
      },
      'journal',
      /no such file or folder$/,
    ],
  ])('that is %s is a finding, in words, and no end of the others', (_, make, tried, came) => {
    rmSync(data, { recursive: true })
    make()
    expect(amiss(tryData(data))).toContainEqual({
      tried,
      is: 'broken',
      came: expect.stringMatching(came),
      mend: expect.any(String),
    })
  })

  it('on a full disk is broken, and says why', () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k,mode=700', 'tmpfs', disk])
    try {
      expect(amiss(tryData(disk))[0]).toMatchObject({
        tried: 'disk',
        is: 'broken',
        came: expect.stringMatching(/the disk is full$/),
      })
      expect(readdirSync(disk)).toEqual([])
    } finally {
      spawnSync('umount', [disk])
    }
  })
})

it('a port that another program holds is broken; nothing is taken for a gateway that is none', async () => {
  const other = createServer(socket => socket.end('no HTTP\r\n\r\n')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const at = { host: '127.0.0.1', port: (other.address() as { port: number }).port }
  const { isRunning, found } = await tryPorts(at, { host: '127.0.0.1', port: await freePort() })
  other.close()
  expect(isRunning).toBe(false)
  expect(found).toMatchObject([
    { tried: 'desk', is: 'broken', came: expect.stringMatching(/another program listens there/) },
    { is: 'ok' },
  ])
})

it('tries the ports for receivers that the site file names, and no others', async () => {
  const at = { host: '127.0.0.1', port: await freePort() }
  const [plainPort, tlsPort] = [await freePort(), await freePort()]
  const plain = { host: '127.0.0.1', port: plainPort }
  const tls = { cert: 'c', key: 'k', port: tlsPort }
  const broker = async (site: Parameters<typeof tryPorts>[2]) =>
    (await tryPorts(at, plain, site)).found.flatMap(({ tried, is, came }) =>
      tried === 'broker' ? [`${is} ${came.split(/[ ,]/).find(each => each.includes(':'))}`] : [],
    )
  expect(await broker({ mqtt: { plain: true } })).toEqual([`ok 127.0.0.1:${plainPort}`])
  expect(await broker({ mqtt: { plain: true, tls } })).toEqual([
    `ok 127.0.0.1:${plainPort}`,
    `ok 127.0.0.1:${tlsPort}`,
  ])
  expect(await broker({ mqtt: { plain: false, tls } })).toEqual([`ok 127.0.0.1:${tlsPort}`])
  const url = `mqtt://127.0.0.1:${plainPort}`
  expect(await broker({ broker: { url, clientId: 'tocsin-gateway' } })).toEqual([
    `broken 127.0.0.1:${plainPort}:`,
  ])
})

describe('the machine', () => {
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
  })
  const says = (text: string): void => {
    writeFileSync(join(folder, 'timedatectl'), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    process.env.PATH = `${folder}${delimiter}${path}`
  }

  it.each([
    ['printf "NTP=yes\\nNTPSynchronized=yes\\n"', 'ok'],
    ['printf "NTP=yes\\nNTPSynchronized=no\\n"', 'warning'],
    ['printf "NTP=no\\nNTPSynchronized=no\\n"', 'broken'],
    ['exit 1', 'warning'],
  ])('a time service that says %s is %s', async (text, is) => {
    says(text)
    expect(await tryClock()).toMatchObject({ tried: 'clock', is })
  })

  it('names its Bluetooth adapters', () => {
    for (const name of ['hci1', 'hci0', 'hci0:11']) mkdirSync(join(folder, name))
    expect(tryRadio([], folder)).toMatchObject([{ is: 'ok', came: 'this machine has hci0, hci1' }])
    expect(tryRadio([{ id: 'r-far' }], join(folder, 'none'))).toMatchObject([
      { is: 'ok', came: expect.stringMatching(/no Bluetooth adapter/) },
    ])
  })

  it('says which radio of the site file is not there, or not for this user', () => {
    mkdirSync(join(folder, 'hci0'))
    const [serial, gone] = [join(folder, 'ttyACM0'), join(folder, 'ttyACM1')]
    writeFileSync(serial, '')
    const radios = ['hci0', 'hci1', serial, gone].map((radio, i) => ({ id: `r-${i}`, radio }))
    expect(tryRadio(radios, folder)).toMatchObject([
      { is: 'ok', came: 'receiver r-0 has hci0' },
      { is: 'broken', came: 'receiver r-1 hears nothing: this machine has no hci1' },
      { is: 'ok', came: `receiver r-2 has ${serial}` },
      {
        is: 'broken',
        came: `receiver r-3 hears nothing: ${gone} cannot be used: no such file or folder`,
      },
    ])
  })
})
