// needs: socat, mounting
// The disk under a receiver's spool fills up, or turns read-only, while the broker is away: what it hears then is in memory, goes out
// when the broker is back, and that nothing is kept over a restart stands on the desk until the disk takes it again.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import {
  type GatewayProcess,
  portsToKeep,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from '../../gateways/gateway-process.ts'
import { addressOf, manyPendants, pressesIn, pressOf } from '../../gateways/many-pendants.ts'
import { startReceiverBox } from '../../gateways/receiver-process.ts'
import { PATIENCE } from '../../patience.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Disk = { folder: string; fails(): Promise<void>; mends(): void }

/** A disk of its own, so small that it fills in a moment: by its bytes, and by how many files it has room for. */
function fullDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'spool-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=16', 'tmpfs', folder])
  ends.push(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  const fillers = join(folder, 'fillers')
  mkdirSync(fillers)
  const fill = (name: number, bytes: number): boolean => {
    try {
      writeFileSync(join(fillers, `${name}`), Buffer.alloc(bytes))
      return true
    } catch {
      // Full is what it is for.
      return false
    }
  }
  return {
    folder,
    async fails() {
      fill(0, 1024 * 1024)
      for (let name = 1; fill(name, 0); name++);
    },
    mends: () => rmSync(fillers, { recursive: true }),
  }
}

/** No disk turns read-only under a file that is open: it is full first, until the spool has let go of its file to write it anew. */
function readOnlyDisk(): Disk {
  const disk = fullDisk()
  const remount = (how: string) =>
    execFileSync('mount', ['-o', `remount,${how}`, disk.folder], { stdio: 'ignore' })
  return {
    ...disk,
    async fails() {
      await disk.fails()
      await vi.waitFor(() => remount('ro'), { ...PATIENCE, interval: 500 })
    },
    mends() {
      remount('rw')
      disk.mends()
    },
  }
}

const PRESSES = 60
/** Heard while the disk is well, and before it is said that it is not: more than what its last page has room for. */
const KEPT = 5
const UNTIL_SAID = 45
/** What its log says of a disk that fails. */
const ALONE = 'is kept in memory alone'
const spoolFault = ({ technical }: { technical: { key: string; text: string }[] }) =>
  technical.find(({ key }) => key === 'receiver-spool:r-0')

test.each([
  ['fills up', fullDisk, 'the disk is full'],
  ['turns read-only', readOnlyDisk, 'the disk is read-only'],
])('a spool whose disk %s while the broker is away costs no alarm, and is said', async (_, diskOf, why) => {
  const disk = diskOf()
  const folder = siteFolder(manyPendants(PRESSES, 1))
  ends.push(folder.remove)
  const ports = await portsToKeep()
  let gateway: GatewayProcess = await startGatewayProcess(folder, ports)
  ends.push(() => gateway.stop())
  const box = await startReceiverBox({
    ...{ id: 'r-0', password: 'password-0', broker: `mqtt://127.0.0.1:${ports.mqtt}` },
    spool: join(disk.folder, 'spool'),
  })
  ends.push(box.close)
  await box.said('connected to the broker')
  await gateway.kill()
  await box.said('no link to the broker')
  for (let i = 0; i < KEPT; i++) box.hear(addressOf(i), pressOf(i))
  await vi.waitFor(() => expect(box.spooled()).toBe(KEPT), PATIENCE)
  const failing = disk.fails()
  for (let i = KEPT; i < UNTIL_SAID; i++) box.hear(addressOf(i), pressOf(i))
  await failing
  const whys = () => box.lines().flatMap(({ msg, why: said }) => (msg.includes(ALONE) ? [said] : []))
  await vi.waitFor(() => expect(whys().at(-1)).toBe(why), PATIENCE)
  for (let i = UNTIL_SAID; i < PRESSES; i++) box.hear(addressOf(i), pressOf(i))
  gateway = await startGatewayProcess(folder, ports)
  await untilDesk(gateway.url, ({ incidents }) => incidents.length >= PRESSES)
  const fault = await untilDesk(gateway.url, spoolFault)
  expect(fault.text).toMatch(new RegExp(`^Receiver r-0 \\(.*\\) keeps nothing .* over a restart \\(${why}`))
  disk.mends()
  await untilDesk(gateway.url, so => spoolFault(so) === undefined)
  expect(box.spooled()).toBe(0)
  await gateway.stop()
  expect([...(await pressesIn(folder)).values()]).toEqual(Array(PRESSES).fill(1))
})
