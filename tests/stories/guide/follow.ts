// Follows gateway/GUIDE.md on a machine of its own (root.sh): each of its commands in turn, and the security desk's telephone on the
// exchange. Out: one JSON line for each section with what was seen after it. Ends with 1 at the first command that fails.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { DeskSnapshot } from '../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { realClock } from '../../../simulator/clock.ts'
import { createController } from '../../../simulator/controller/controller.ts'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { ADDRESS, sealedFrame } from '../../gateway/core/building.ts'
import { untilDesk, untilIncident } from '../../gateways/gateway-process.ts'

const DESK = 'http://127.0.0.1:8080'
const UNITS = '/run/tocsin-units'

/** Not in this process's own time: its telephone answers meanwhile. */
const sh = async (code: string): Promise<string> => {
  const child = spawn('/bin/bash', ['-e', '-o', 'pipefail', '-c', code], {
    cwd: '/root',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  const [status] = await once(child, 'close')
  if (status !== 0)
    throw new Error(`ended with ${status}: ${code}
${out}`)
  return out
}

/** The commands of each section, by the number in its heading. */
function blocksOf(guide: string): Map<number, string[]> {
  const found = new Map<number, string[]>()
  for (const section of guide.split(/^## /m).slice(1))
    found.set(
      Number.parseInt(section, 10),
      [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? ''),
    )
  return found
}

const arch = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim()
const blocks = blocksOf(
  readFileSync('gateway/GUIDE.md', 'utf8')
    .replaceAll('_amd64.deb', `_${arch}.deb`)
    .replace('=hci0', '=/run/radio'),
)
const phone: Phone = await createPhone({ host: '127.0.0.1', port: 5060, name: '5150', mode: 'manual' })

async function run(section: number, block?: number): Promise<string[]> {
  const all = blocks.get(section) ?? []
  const out: string[] = []
  for (const code of block === undefined ? all : all.slice(block, block + 1)) out.push(await sh(code))
  return out
}

const until = (isSo: () => boolean): Promise<void> =>
  new Promise(resolve => {
    const look = (): void => {
      if (isSo()) resolve()
    }
    phone.onChange(look)
    look()
  })

/** The desk's telephone rings, is answered, and the key is pressed. */
async function answerWith(key: string, incident: string): Promise<string> {
  await until(() => phone.calls().at(-1)?.state === 'ringing')
  phone.answer()
  await untilIncident(DESK, each => each.id === incident && each.pages.at(-1)?.answeredAtMs !== undefined)
  phone.press(key)
  const { state, wearer } = await untilIncident(DESK, each => each.id === incident && each.state !== 'raised')
  return `${state}: ${wearer}`
}

const shown = ({ incidents, technical }: DeskSnapshot) => ({
  incidents: incidents.map(({ id, state }) => `${id} ${state}`).sort(),
  lost: technical.flatMap(({ key, text }) => (key === 'journal-lost' ? [text] : [])),
})
const desk = async () => shown((await (await fetch(`${DESK}/api/desk`)).json()) as DeskSnapshot)
const version = async () => (await sh('tocsin --version')).trim()
const say = (section: number, seen: unknown): void => console.log(JSON.stringify({ section, seen }))
const ownerOf = async (path: string) => (await sh(`stat -c '%U %a' ${path}`)).trim()
const pidOf = (unit: string) => Number(readFileSync(`${UNITS}/${unit}.pid`, 'utf8'))
const keyOf = (file: string): string => JSON.parse(readFileSync(file, 'utf8')).key
const copies = (): number => readdirSync('/var/lib/tocsin/backups').length

const controller = await createController({ path: '/run/radio', clock: realClock() })
await run(1)
say(1, { version: await version(), owners: [await ownerOf('/etc/tocsin'), await ownerOf('/var/lib/tocsin')] })
say(2, (await run(2))[0]?.trim().split('\n').at(-1))
say(
  3,
  (await run(3))[0]?.split('\n').filter(line => /^broken|exchange|voice/.test(line)),
)
await run(4)
const notified = (): string => readFileSync(`${UNITS}/tocsin.notified`, 'utf8')
say(4, {
  user: (await sh(`stat -c %U /proc/${pidOf('tocsin')}`)).trim(),
  notified: notified().match(/READY=1/g)?.length,
})
await run(5, 0)
const answered = await answerWith('1', 'i-0001')
await run(5, 1)
say(5, { answered, ...(await desk()) })
const listed = (await run(6, 0))[0]?.split('\n').filter(line => /^\S+ +receiver /.test(line))
await run(6, 1)
await run(6, 2)
const pressed = await answerWith('2', 'i-0002')
await run(6, 3)
say(6, {
  listed: listed?.map(line => line.split(';')[0]?.replace(/ \d{4}-.*/, '')),
  answered: pressed,
  accounts: await ownerOf('/etc/tocsin/site.yaml.accounts'),
  password: await ownerOf('/etc/tocsin/receivers/r-213.password'),
  list: (await sh('tocsin account list --site /etc/tocsin/site.yaml')).match(/^r-213 +receiver +revoked/m)
    ?.length,
  ...(await desk()),
  isWatched: /WATCHDOG=1/.test(notified()),
})
// A pty is its owner's; a serial port is its group's, dialout.
await sh('chmod 666 "$(readlink -f /run/radio)"')
await run(7)
const pulled = sealedFrame({
  key: keyOf('/etc/tocsin/p-01/tocsin.json'),
  counter: 10,
  kind: KIND_CORD,
  alarmNumber: 1,
})
const cord = setInterval(
  () => controller.hear({ address: ADDRESS, data: Buffer.from(pulled, 'hex'), rssiDbm: -60 }),
  100,
)
const heard = await answerWith('1', 'i-0003')
clearInterval(cord)
say(7, {
  heard,
  user: (await sh(`stat -c %U /proc/${pidOf('tocsin-receiver@r-214')}`)).trim(),
  ...(await desk()),
})
await run(8)
// What happens after the copy.
await sh(
  `curl -fsS --json '{"by": "Ada", "kind": "assist", "name": "After", "room": "room-211"}' ${DESK}/api/incidents`,
)
say(8, {
  answered: await answerWith('1', 'i-0004'),
  ...(await desk()),
  copy: await ownerOf('/root/tocsin-copy.sqlite'),
})
await run(9, 0)
say(9, { version: await version(), copies: copies(), ...(await desk()) })
await run(9, 1)
say(9, { version: await version(), copies: copies(), ...(await desk()) })
// As on a machine that has lost them.
await sh('rm /etc/tocsin/site.yaml.accounts')
await run(10, 0)
say(10, {
  accounts: await ownerOf('/etc/tocsin/site.yaml.accounts'),
  ...(await desk()),
  owner: await ownerOf('/var/lib/tocsin/journal.sqlite'),
})
await run(10, 1)
await untilDesk(DESK, snapshot => shown(snapshot).lost.length === 0)
say(10, {
  ...(await desk()),
  verify: (await sh('tocsin verify /var/lib/tocsin/journal.sqlite')).includes('as they were written'),
})
await run(11)
const left = ['/usr/bin/tocsin', '/usr/lib/tocsin', '/var/lib/tocsin/journal.sqlite', '/etc/tocsin/site.yaml']
say(
  11,
  left.filter(path => existsSync(path)),
)
await controller.close()
await phone.close()
