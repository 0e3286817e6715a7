// `tocsin walk record`, `export` and `undo` as commands, on a whole gateway: what is piped in is taken line by line.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readLayout, readWalk } from '../../gateway/commands/walk/files.ts'
import { ADDRESS, sealedFrame } from '../gateway/core/building.ts'
import { type GatewayProcess, type ReceiverClient, untilDesk } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'
import { LOADER } from '../loader.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let small: SmallBuilding
let gateway: GatewayProcess
let receiver: ReceiverClient
let counter = 10

beforeAll(async () => {
  small = await startSmallBuilding()
  gateway = small.gateway
  receiver = await small.receiver('r-interview')
  const status = { v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 }
  await receiver.client.publishAsync('tocsin/v1/r-interview/status', JSON.stringify(status), {
    qos: 1,
    retain: true,
  })
  await untilDesk(gateway.url, ({ receivers }) => receivers.some(({ isOnline }) => isOnline))
})
afterAll(() => small?.stop())

type Running = {
  type(line: string): void
  /** Resolves once the command has said this. */
  said(text: string | RegExp): Promise<void>
  end(): void
  ended: Promise<{ code: number | null; out: string; complaint: string }>
}

function tocsin(...args: string[]): Running {
  const child: ChildProcess = spawn(process.execPath, [...LOADER, 'gateway/commands/cli.ts', ...args], {
    cwd: ROOT,
  })
  let [out, complaint] = ['', '']
  const looks = new Set<() => void>()
  child.stdout?.on('data', chunk => {
    out += chunk
    for (const look of [...looks]) look()
  })
  child.stderr?.on('data', chunk => {
    complaint += chunk
  })
  const ended = new Promise<{ code: number | null; out: string; complaint: string }>(resolve =>
    child.once('close', code => resolve({ code, out, complaint })),
  )
  return {
    type: line => child.stdin?.write(`${line}\n`),
    end: () => child.stdin?.end(),
    said: text =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!(typeof text === 'string' ? out.includes(text) : text.test(out))) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
        look()
        void ended.then(({ code }) =>
          reject(new Error(`it ended with ${code} and never said ${text}: ${out} ${complaint}`)),
        )
      }),
    ended,
  }
}

const beacons = async (count: number, rssiDbm: number): Promise<void> => {
  for (let i = 0; i < count; i++) await receiver.report(ADDRESS, sealedFrame({ counter: counter++ }), rssiDbm)
}
const at = () => ['--url', gateway.url]

/** Its own clock must have gone on for a stay to count: until the gateway shows that it has. */
async function untilStayed(): Promise<void> {
  for (;;) {
    const walks = (await (await fetch(new URL('/api/walks', gateway.url))).json()) as {
      recordings: { seconds: { seconds: number }[] }[]
    }
    if ((walks.recordings[0]?.seconds.at(-1)?.seconds ?? 0) > 1) return
  }
}

it('records what is piped in, keeps it, and says what was not taken', async () => {
  const command = tocsin('walk', 'record', ...at(), '--pendant', 'p-07', '--by', 'Ada')
  // Both before it has begun: neither may be lost.
  command.type('nowhere')
  command.type('214')
  await command.said('In 214 Interview room')
  await beacons(20, -55)
  await untilStayed()
  command.type('done')
  command.end()
  const { code, out, complaint } = await command.ended
  expect(out).toMatch(/Not taken: expected a room’s number or id.*came nowhere/)
  expect(out).toMatch(/Kept as walk 1: 20 readings in 1 rooms/)
  expect([code, complaint]).toEqual([1, '1 lines were not taken, though the walk was kept\n'])
})

it('takes a walk away as files that are read back', async () => {
  const dir = join(small.folder.path, 'walk-1')
  const { code, out } = await tocsin('walk', 'export', ...at(), '--walk', '1', '--dir', dir).ended
  expect([code, out]).toEqual([0, expect.stringContaining('walk 1, 20 readings')])
  const walk = readWalk(dir, readLayout(join(dir, 'layout.json')))
  expect(walk.readings).toHaveLength(20)
  expect(walk.stays.map(({ room }) => room)).toEqual(['interview'])
  const layout = join(dir, 'layout.json')
  const scored = await tocsin('walk', 'evaluate', '--layout', layout, '--train', dir, '--test', dir, '--json')
    .ended
  expect([scored.code, scored.complaint]).toEqual([0, ''])
})

it('takes back the newest, and says so when none is left', async () => {
  const first = await tocsin('walk', 'undo', ...at(), '--by', 'Ben').ended
  expect([first.code, first.out]).toEqual([0, 'Walk 1 by Ada is taken back\n'])
  const second = await tocsin('walk', 'undo', ...at()).ended
  expect([second.code, second.complaint]).toEqual([1, 'expected a walk test that stands; none is left\n'])
})

it('refuses what cannot begin, in words', async () => {
  const wrong = await tocsin('walk', 'record', ...at(), '--pendant', 'p-99').ended
  expect([wrong.code, wrong.complaint]).toEqual([1, 'expected a pendant of this site; came p-99\n'])
  const nobody = await tocsin('walk', 'record', '--url', 'http://127.0.0.1:9', '--pendant', 'p-07').ended
  expect([nobody.code, nobody.complaint]).toEqual([1, expect.stringMatching(/expected a gateway at http/)])
})

it('no walk test is in the log: neither rooms nor readings', () => {
  const text = gateway.lines.map(line => JSON.stringify(line)).join('\n')
  expect(text).toMatch(/walk-stored/)
  // A receiver's name, r-interview, may be there: on a busy machine one is silent for a while.
  expect(text).not.toMatch(/(?<!r-)interview"|"readings"|"stays"/)
})
