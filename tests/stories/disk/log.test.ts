// The log of a whole gateway is stuck: a collector that was stopped, a disk that is full, a terminal's reader that has gone.
// Alarms go on as ever; the desk says that nothing is logged; the gateway stops when it is asked to.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { ADDRESS, sealedFrame } from '../../gateway/core/building.ts'
import { deskOf, metric, untilDesk } from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'

/** Between two looks at what was dropped; 35 alarms once filled the pipe. */
const ALARMS = 100
const ALARM_NUMBERS = 256

let small: SmallBuilding | undefined
let collector: ChildProcess | undefined
const folder = mkdtempSync(join(tmpdir(), 'log-'))
afterEach(async () => {
  collector?.kill('SIGKILL')
  await small?.stop()
})

/** Standard output as a shell's pipe to a collector that was stopped before it read anything. */
function stoppedCollector(): number {
  const path = join(folder, 'collector')
  execFileSync('mkfifo', [path])
  collector = spawn('cat', [path], { stdio: 'ignore' })
  const fd = openSync(path, constants.O_WRONLY)
  collector.kill('SIGSTOP')
  rmSync(path)
  return fd
}

const gone = (): number => {
  const path = join(folder, 'gone')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(path, constants.O_WRONLY)
  closeSync(reader)
  return fd
}

it.each([
  ['that nobody reads', stoppedCollector, 'nobody reads it'],
  ['on a full disk', () => openSync('/dev/full', constants.O_WRONLY), 'its disk is full'],
  ['whose reader has gone', gone, 'whoever read it has gone'],
])(
  'a log %s stops no alarm, is a fault on the desk, and does not keep the gateway from stopping',
  async (_name, open, why) => {
    const stdout = open()
    small = await startSmallBuilding({ phone: 'answer', stdout })
    closeSync(stdout)
    const { gateway, phone } = small
    const receiver = await small.receiver('r-interview')
    let counter = 100
    const press = () => {
      counter += 1
      return receiver.report(
        ADDRESS,
        sealedFrame({ counter, kind: KIND_CORD, alarmNumber: counter % ALARM_NUMBERS }),
      )
    }
    while ((await metric(gateway.url, 'tocsin_log_dropped_total')) === 0)
      for (let i = 0; i < ALARMS; i++) await press()
    await untilDesk(gateway.url, ({ technical }) =>
      technical.some(({ key, text }) => key === 'log' && text.includes(why)),
    )
    expect((await fetch(new URL('/healthz', gateway.url))).status).toBe(503)
    expect(phone.calls().length).toBeGreaterThan(0)
    expect((await deskOf(gateway.url)).incidents[0]?.presses).toBeGreaterThan(ALARMS)
    expect(await gateway.stop()).toBe(0)
  },
)
