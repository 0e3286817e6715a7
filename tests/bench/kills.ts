// `npm run kills [count] [seed]`: a whole gateway is ended by SIGKILL at random moments under presses, again and again. Every
// press must be in its journal once: none lost, none doubled. Prints the seed, and one JSON line at the end; exit code 1 where
// a press is missing or there twice.
import { setTimeout as after } from 'node:timers/promises'
import { KIND_CORD } from '../../schemas/frame.ts'
import { type Report, topicOf } from '../../schemas/report.ts'
import { createRandom, type Random, seedOf } from '../../simulator/air/random.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import { sealedFrame } from '../gateway/core/building.ts'
import {
  atDesk,
  connectReceiver,
  deskOf,
  type Folder,
  type GatewayProcess,
  portsToKeep,
  type ReceiverClient,
  siteFolder,
  startGatewayProcess,
} from '../gateways/gateway-process.ts'
import { pressesIn } from '../gateways/many-pendants.ts'
import { benchSite, KEY_OF } from './site.ts'

const KILLS = Number(process.argv[2] ?? 200)
const SEED = Number(process.argv[3] ?? Date.now() % 1_000_000)
const RECEIVERS = 2
const PENDANTS = 20
/** A press falls anywhere between one start and the next: while the gateway is there, and while it is not. */
const PRESSES_A_KILL = { from: 3, to: 7 }
const ALIVE_MS = 400
/** As a pendant seals anew, a second apart, and hurried. */
const SEALS = 3

type Pendant = {
  id: string
  address: string
  key: string
  counter: number
  alarmNumber: number
  isBusy: boolean
}
type Pressed = { pendant: string; alarmNumber: number }

const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1))

/** Publishes until there is a PUBACK: what the client gives up with a connection is said again, with its true age. */
async function publish({ client }: ReceiverClient, id: string, report: Omit<Report, 'ageMs'>): Promise<void> {
  const heardAtMs = performance.now()
  for (;;) {
    const ageMs = Math.round(performance.now() - heardAtMs)
    const payload = JSON.stringify({ v: 1, reports: [{ ...report, ageMs }] })
    const isKept = await client.publishAsync(topicOf(id, 'reports'), payload, { qos: 1 }).then(
      () => true,
      () => false,
    )
    if (isKept) return
  }
}

/** One alarm of one pendant, heard by every receiver under several counters; resolves when all of it has its PUBACK. */
async function press(pendant: Pendant, receivers: readonly ReceiverClient[], random: Random): Promise<void> {
  pendant.alarmNumber += 1
  pendant.isBusy = true
  const { address, key, alarmNumber } = pendant
  const published: Promise<void>[] = []
  for (let seal = 0; seal < SEALS; seal++) {
    pendant.counter += 1
    const data = sealedFrame({ counter: pendant.counter, kind: KIND_CORD, alarmNumber, key, address })
    for (const [i, receiver] of receivers.entries()) {
      const rssiDbm = -50 - between(random, 0, 30)
      published.push(publish(receiver, `r-${i}`, { address, data, rssiDbm }))
    }
    await after(between(random, 0, 30))
  }
  pendant.isBusy = false
  await Promise.all(published)
}

/** The desk resolves one of the open incidents now and then, so that presses meet old and new ones. */
async function resolveOne(gateway: GatewayProcess, random: Random): Promise<void> {
  const desk = await deskOf(gateway.url)
  const open = desk.incidents.filter(({ state }) => state !== 'resolved')
  const one = open[between(random, 0, open.length - 1)]
  if (one === undefined) return
  await atDesk(gateway.url, one.id, 'resolve', { by: 'Ann', outcome: 'test', reason: 'killed on purpose' })
}

/** How often each press is in the journal. */
const written = (folder: Folder): Promise<Map<string, number>> =>
  pressesIn(folder, ({ pendant, alarmNumber }) => `${pendant} ${alarmNumber}`)

async function run(): Promise<boolean> {
  console.log(`seed ${SEED}: ${KILLS} kills`)
  const random = createRandom(seedOf('kills', SEED))
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'busy' })
  const site = benchSite(phone.address.port)
  const folder = siteFolder(site)
  const ports = await portsToKeep()
  const pendants = site.pendants.slice(0, PENDANTS).map(each => ({
    id: each.id,
    address: each.address,
    key: KEY_OF(each),
    counter: 100,
    alarmNumber: 0,
    isBusy: false,
  }))
  let gateway = await startGatewayProcess(folder, ports)
  const receivers = await Promise.all(
    Array.from({ length: RECEIVERS }, (_, i) => connectReceiver(gateway.mqtt, `r-${i}`, `password-${i}`)),
  )
  const pressed: Pressed[] = []
  const presses: Promise<void>[] = []
  for (let kill = 1; kill <= KILLS; kill++) {
    const some = Array.from({ length: between(random, PRESSES_A_KILL.from, PRESSES_A_KILL.to) }, async () => {
      await after(between(random, 0, 2 * ALIVE_MS))
      // A pendant sends one alarm at a time.
      const idle = pendants.filter(each => !each.isBusy && each.alarmNumber < 255)
      const pendant = idle[between(random, 0, idle.length - 1)]
      if (pendant === undefined) return
      pressed.push({ pendant: pendant.id, alarmNumber: pendant.alarmNumber + 1 })
      await press(pendant, receivers, random)
    })
    presses.push(...some)
    if (random() < 0.5) await resolveOne(gateway, random).catch(() => undefined)
    await after(between(random, 0, ALIVE_MS))
    await gateway.kill()
    gateway = await startGatewayProcess(folder, ports)
    if (kill % 20 === 0) console.log(`${kill} kills, ${pressed.length} presses`)
  }
  await Promise.all(presses)
  for (const receiver of receivers) await receiver.close()
  await gateway.stop()
  await phone.close()
  const times = await written(folder)
  folder.remove()
  const names = pressed.map(({ pendant, alarmNumber }) => `${pendant} ${alarmNumber}`)
  const lost = names.filter(name => !times.has(name))
  const doubled = names.filter(name => (times.get(name) ?? 0) > 1)
  console.log(JSON.stringify({ seed: SEED, kills: KILLS, presses: names.length, lost, doubled }))
  return lost.length === 0 && doubled.length === 0
}

process.exit((await run()) ? 0 : 1)
