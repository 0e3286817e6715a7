// The disk of a whole gateway is full, read-only, taken away, or holds a damaged journal: people are called, it is said within a
// minute, and what waited is kept once the disk takes it.
// needs: mounting
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { JOURNAL_TOPIC, topicOf } from '../../../schemas/report.ts'
import { ADDRESS, PLAIN_ADDRESS, plainFrame, sealedFrame } from '../../gateway/core/building.ts'
import { deskOf, type ReceiverClient, untilDesk, untilIncident } from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'
import { LOADER } from '../../loader.ts'
import { PATIENCE } from '../../patience.ts'

/** Within which a full or read-only disk must be said, though nothing happens. */
const SAID_WITHIN_MS = 60_000

const endings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A disk of its own, so small that it fills in a moment. */
function smallDisk(options = 'size=4m'): { folder: string; remount(options: string): void } {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  endings.push(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, remount: more => execFileSync('mount', ['-o', `remount,${more}`, folder]) }
}

/** Takes all the room there is. */
function fill(folder: string): () => void {
  const path = join(folder, 'filler')
  try {
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024))
  } catch {
    // Full is what it is for.
  }
  return () => rmSync(path)
}

async function started(data: string): Promise<{ small: SmallBuilding; receiver: ReceiverClient }> {
  const small = await startSmallBuilding({ phone: 'answer', data })
  endings.push(() => small.stop())
  return { small, receiver: await small.receiver('r-interview') }
}

const cord = (receiver: ReceiverClient, counter: number) =>
  receiver.report(ADDRESS, sealedFrame({ counter, kind: KIND_CORD, alarmNumber: counter & 0xff }))

const untilSaid = (url: string, text: RegExp) =>
  untilDesk(url, ({ technical }) => technical.find(each => text.test(each.text)))
const healthOf = async (url: string) => (await fetch(new URL('/healthz', url))).status

/** The telephone rings though nothing is kept, and all of it is kept once the disk takes it. */
async function callsThenKeeps(
  small: SmallBuilding,
  receiver: ReceiverClient,
  mend: () => void,
): Promise<void> {
  const { url } = small.gateway
  expect(await healthOf(url)).toBe(503)
  const published = cord(receiver, 100)
  await untilIncident(url, ({ pages }) => pages.some(page => page.answeredAtMs !== undefined))
  mend()
  await published
  await untilDesk(url, ({ technical }) => !technical.some(({ key }) => key === 'disk' || key === 'journal'))
  await small.gateway.kill()
  const { url: again } = await small.startAgain()
  expect((await deskOf(again)).incidents).toMatchObject([{ id: 'i-0001', state: 'raised', presses: 1 }])
}

describe('a gateway that starts', () => {
  it('on a full disk calls people, says that nothing is kept, and keeps it all once there is room', async () => {
    const { folder } = smallDisk()
    const empty = fill(folder)
    const { small, receiver } = await started(join(folder, 'data'))
    await untilSaid(small.gateway.url, /the disk is full/)
    await callsThenKeeps(small, receiver, empty)
  })

  it('on a read-only disk goes on with its open alarms, and keeps new ones once it can be written', async () => {
    const disk = smallDisk()
    const data = join(disk.folder, 'data')
    const { small, receiver } = await started(data)
    await cord(receiver, 50)
    await small.gateway.kill()
    disk.remount('ro')
    const { url } = await small.startAgain()
    await untilSaid(url, /the disk is read-only/)
    const callsBefore = small.phone.calls().length
    await untilIncident(url, ({ id, state }) => id === 'i-0001' && state === 'raised')
    await untilDesk(url, () => small.phone.calls().length > callsBefore)
    expect(await healthOf(url)).toBe(503)
    disk.remount('rw')
    await untilDesk(url, ({ technical }) => !technical.some(({ key }) => key === 'disk' || key === 'journal'))
    await small.gateway.stop()
    expect(verifyJournal(join(data, 'journal.sqlite'))).toMatchObject({ broken: null, missing: null })
  })

  it('where its folder cannot be made calls people', async () => {
    const disk = smallDisk()
    disk.remount('ro')
    const { small, receiver } = await started(join(disk.folder, 'data'))
    await untilSaid(small.gateway.url, /Nothing can be kept on the disk: the disk is read-only/)
    await callsThenKeeps(small, receiver, () => disk.remount('rw'))
  })
})

/** Read-only for whoever opens a file from now on, as a disk is that has failed; returns what undoes it. */
async function lock(folder: string): Promise<() => void> {
  execFileSync('mount', ['--bind', folder, folder])
  // A file that is being written through it at this very moment makes the mount busy.
  await vi.waitFor(() => execFileSync('mount', ['-o', 'remount,bind,ro', folder]), PATIENCE)
  return () => execFileSync('umount', ['-l', folder])
}

it.each([
  ['fills', fill, /the disk is full/],
  ['becomes read-only', (folder: string) => lock(join(folder, 'data')), /the disk is read-only/],
])(
  'a disk that %s while nothing happens is said within a minute, and mended by itself',
  async (_name, refuse, text) => {
    const { folder } = smallDisk()
    const { small } = await started(join(folder, 'data'))
    const { url } = small.gateway
    const sinceMs = performance.now()
    const undo = await refuse(folder)
    await untilSaid(url, text)
    expect(performance.now() - sinceMs).toBeLessThan(SAID_WITHIN_MS)
    expect(await healthOf(url)).toBe(503)
    undo()
    await untilDesk(url, ({ technical }) => !technical.some(({ key }) => key === 'disk' || key === 'journal'))
  },
)

it('a full disk cuts nobody off who sends at QoS 0: alarm after alarm is called', async () => {
  const { folder } = smallDisk()
  const { small, receiver } = await started(join(folder, 'data'))
  const { url } = small.gateway
  let cuts = 0
  receiver.client.on('close', () => {
    cuts += 1
  })
  fill(folder)
  const frames = [
    { address: ADDRESS, data: sealedFrame({ counter: 100, kind: KIND_CORD, alarmNumber: 1 }) },
    { address: PLAIN_ADDRESS, data: plainFrame({ counter: 1, kind: KIND_CORD, alarmNumber: 1 }) },
  ]
  for (const frame of frames) {
    const payload = JSON.stringify({ v: 1, reports: [{ ...frame, rssiDbm: -60, ageMs: 0 }] })
    await receiver.client.publishAsync(topicOf('r-interview', 'reports'), payload, { qos: 0 })
    await untilDesk(url, ({ incidents }) => incidents.length === frames.indexOf(frame) + 1)
  }
  await untilSaid(url, /the disk is full/)
  await untilDesk(url, () => small.phone.calls().length >= frames.length)
  expect(cuts).toBe(0)
})

it('a full disk keeps no alarm behind another, and acknowledges each once it is kept', async () => {
  const { folder } = smallDisk()
  const { small, receiver } = await started(join(folder, 'data'))
  const { url } = small.gateway
  const { client } = receiver
  let cuts = 0
  client.on('close', () => {
    cuts += 1
  })
  const empty = fill(folder)
  await untilSaid(url, /the disk is full/)
  const acknowledged: string[] = []
  const say = (name: string, address: string, data: string): void => {
    const payload = JSON.stringify({ v: 1, reports: [{ address, data, rssiDbm: -60, ageMs: 0 }] })
    client.publish(topicOf('r-interview', 'reports'), payload, { qos: 1 }, error => {
      if (error == null) acknowledged.push(name)
    })
  }
  const repeats = 30
  for (let i = 0; i < repeats; i++)
    say(`first ${i}`, ADDRESS, sealedFrame({ counter: 100 + i, kind: KIND_CORD, alarmNumber: 1 }))
  say('second', PLAIN_ADDRESS, plainFrame({ counter: 1, kind: KIND_CORD, alarmNumber: 1 }))
  await untilDesk(url, ({ incidents }) => incidents.length === 2)
  await vi.waitFor(() => expect(acknowledged).toHaveLength(repeats - 1), PATIENCE)
  for (const owed of ['first 0', 'second']) expect(acknowledged).not.toContain(owed)
  expect(cuts).toBe(0)
  // Whoever starts next is told again what was not kept, by the receiver that has no acknowledgement. This one sends one by one then.
  await small.gateway.kill()
  const { url: again } = await small.startAgain()
  await untilDesk(again, ({ incidents }) => incidents.length === 1)
  empty()
  await vi.waitFor(() => expect(acknowledged).toHaveLength(repeats + 1), PATIENCE)
  await small.gateway.kill()
  const { url: last } = await small.startAgain()
  expect((await deskOf(last)).incidents.map(({ id }) => id)).toEqual(['i-0001', 'i-0002'])
})

it('an open alarm goes on where its journal was damaged, and what is lost stands on the desk until a person accepts it', async () => {
  const data = join(mkdtempSync(join(tmpdir(), 'damaged-')), 'data')
  endings.push(() => rmSync(join(data, '..'), { recursive: true, force: true }))
  mkdirSync(data)
  const { small, receiver } = await started(data)
  await cord(receiver, 100)
  await small.gateway.stop()
  const file = join(data, 'journal.sqlite')
  const bytes = readFileSync(file)
  // In the name of the one who is called, in the newest row about it.
  const at = bytes.lastIndexOf('Security desk')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  // And the file's own first words.
  bytes[3] = (bytes[3] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const { url } = await small.startAgain()
  expect((await deskOf(url)).incidents).toMatchObject([{ id: 'i-0001', state: 'raised' }])
  await untilSaid(url, /The journal could not be used as it was/)
  expect(readdirSync(data).some(name => name.includes('.damaged-'))).toBe(true)
  for (const name of readdirSync(data).filter(each => each.startsWith('journal')))
    expect(statSync(join(data, name)).mode & 0o077).toBe(0)
  await small.gateway.stop()
  const { url: again } = await small.startAgain()
  await untilSaid(again, /The journal could not be used as it was/)
  execFileSync(process.execPath, [
    ...LOADER,
    'gateway/commands/cli.ts',
    'accept',
    '--by',
    'Ann',
    '--gateway',
    again,
  ])
  await untilDesk(again, ({ technical }) => !technical.some(({ key }) => key.startsWith('journal')))
})

it('a log that was cut is missed by the note beside it, and without the note by a receiver that remembers', async () => {
  const data = join(mkdtempSync(join(tmpdir(), 'cut-')), 'data')
  endings.push(() => rmSync(join(data, '..'), { recursive: true, force: true }))
  const { small, receiver } = await started(data)
  const told = new Promise<{ edition: number; seq: number; hash: string }>(resolve => {
    receiver.client.on('message', (topic, payload) => {
      const end = JSON.parse(String(payload))
      if (topic === JOURNAL_TOPIC && end.seq >= 3) resolve(end)
    })
  })
  await receiver.client.subscribeAsync(JOURNAL_TOPIC, { qos: 1 })
  await cord(receiver, 100)
  const remembered = await told
  await untilIncident(small.gateway.url, ({ pages }) => pages.some(page => page.answeredAtMs !== undefined))
  await small.gateway.kill()
  const file = join(data, 'journal.sqlite')
  const log = readFileSync(`${file}-wal`)
  truncateSync(`${file}-wal`, 0)
  const noted = readFileSync(`${file}-end`)

  const { url } = await small.startAgain()
  await untilSaid(url, /rows of the journal are missing.*it had \d+ and has 0/)
  await small.gateway.kill()

  for (const part of ['', '-wal', '-shm', '-end']) rmSync(file + part, { force: true })
  const { url: bare } = await small.startAgain()
  expect((await deskOf(bare)).technical.some(({ key }) => key.startsWith('journal'))).toBe(false)
  const status = {
    v: 1,
    status: 'online',
    uptimeMs: 1,
    heard: 1,
    published: 1,
    dropped: 0,
    journal: remembered,
  }
  await receiver.client.publishAsync(topicOf('r-interview', 'status'), JSON.stringify(status), { qos: 1 })
  await untilSaid(bare, /rows of the journal are missing: receiver r-interview remembers/)
  expect(log.length + noted.length).toBeGreaterThan(0)
})

it('others who may read the journal are a warning with the mend', async () => {
  const data = join(mkdtempSync(join(tmpdir(), 'modes-')), 'data')
  endings.push(() => rmSync(join(data, '..'), { recursive: true, force: true }))
  const { small } = await started(data)
  await small.gateway.stop()
  chmodSync(join(data, 'journal.sqlite'), 0o644)
  const { lines } = await small.startAgain()
  expect(lines.map(({ msg }) => msg)).toContainEqual(
    expect.stringMatching(/^others may read .*journal.sqlite: chmod go= /),
  )
})
