// `npm run bench`: from a press's report leaving a receiver to its rows in the journal, and to the INVITE on the wire,
// while 0, 1,000 and 10,000 other reports a second come in; beside the floor of the same machine in the same seconds.
// The journal's instant is the PUBACK, which the gateway sends after the commit and not before: the way back is in it.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPhone } from '../../simulator/phones/phone.ts'
import { connectReceiver, siteFolder, startGatewayProcess } from '../gateways/gateway-process.ts'
import { LOADER } from '../loader.ts'
import { createFloor, type Floor } from './floor.ts'
import { type Pressed, type Pressing, press, quantile } from './presser.ts'
import { benchSite } from './site.ts'

const LOADS = [0, 1_000, 10_000]
const SAMPLES = Number(process.env.BENCH_PRESSES ?? 200)
const WARM_UP = 20
/** Longer than any level takes; it is ended by its pid. */
const LOAD_SECONDS = 600
const AIM = 3

type Rig = Pressing & { floor: Floor }
type Sample = Pressed & { floorMs: number }

async function startLoad(port: number, perSecond: number): Promise<ChildProcess | null> {
  if (perSecond === 0) return null
  const file = fileURLToPath(new URL('load.ts', import.meta.url))
  const args = [...LOADER, file, String(port), String(perSecond), String(LOAD_SECONDS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => child.stdout.once('data', resolve))
  return child
}

const figures = (values: readonly number[]) => [
  quantile(values, 0.5),
  quantile(values, 0.99),
  Math.max(...values),
]
const row = (name: string, values: readonly number[]) =>
  `  ${name.padEnd(28)}${figures(values)
    .map(ms => ms.toFixed(2).padStart(9))
    .join('')}`

async function level(rig: Rig, perSecond: number): Promise<boolean> {
  const load = await startLoad(rig.gateway.mqtt.port, perSecond)
  try {
    for (let i = 0; i < WARM_UP; i++) await press(rig)
    const reportsBefore = await reportsSoFar(rig)
    const startedAtMs = performance.now()
    const samples: Sample[] = []
    for (let i = 0; i < SAMPLES; i++)
      samples.push({ floorMs: await rig.floor.measure(), ...(await press(rig)) })
    const seconds = (performance.now() - startedAtMs) / 1000
    const came = (await reportsSoFar(rig)) - reportsBefore - samples.length
    return print(perSecond, came / seconds, samples)
  } finally {
    load?.kill()
  }
}

async function reportsSoFar({ gateway }: Rig): Promise<number> {
  const text = await (await fetch(new URL('/metrics', gateway.url))).text()
  const lines = text.split('\n').filter(line => line.startsWith('tocsin_reports_total{'))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

function print(perSecond: number, came: number, samples: readonly Sample[]): boolean {
  const column = (key: keyof Sample) => samples.map(sample => sample[key])
  const [floorMs, inviteMs] = [quantile(column('floorMs'), 0.99), quantile(column('inviteMs'), 0.99)]
  const ratio = inviteMs / floorMs
  console.log(
    `\n${perSecond} other reports a second (${Math.round(came)} came), ${samples.length} presses, in ms`,
  )
  console.log(`  ${''.padEnd(28)}      p50      p99      max`)
  console.log(row('press → journal (PUBACK)', column('journalMs')))
  console.log(row('press → INVITE on the wire', column('inviteMs')))
  console.log(row('floor', column('floorMs')))
  const isMet = ratio <= AIM
  const journalRatio = quantile(column('journalMs'), 0.99) / floorMs
  console.log(
    `  p99 as a multiple of the floor's p99: journal ${journalRatio.toFixed(2)}, INVITE ${ratio.toFixed(2)} (aim: at most ${AIM}, ${isMet ? 'met' : 'missed'})`,
  )
  return isMet
}

const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
const folder = siteFolder(benchSite(phone.address.port))
const gateway = await startGatewayProcess(folder)
const receiver = await connectReceiver(gateway.mqtt, 'r-0', 'password-0')
const floor = await createFloor(folder.path, receiver, 'r-0')
try {
  const rig: Rig = { gateway, phone, receiver, floor, presses: 0 }
  const met: boolean[] = []
  for (const perSecond of LOADS) met.push(await level(rig, perSecond))
  console.log(`\n${met.every(Boolean) ? 'The aim is met at every load.' : 'The aim is missed.'}`)
} finally {
  floor.close()
  await receiver.close()
  await gateway.stop()
  await phone.close()
  folder.remove()
}
