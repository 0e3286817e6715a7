// `npm start`: the whole building with one command. Starts the gateway, six pendants with the real firmware, the
// receivers, the telephone at 5150 and the building's page; says where everything is; stops all of it on Ctrl-C.
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { createBuilding } from './building.ts'
import { realClock } from './clock.ts'
import { endpoint } from './endpoint.ts'
import { keepGateway } from './gateway-keeper.ts'
import { servePage } from './page/server.ts'
import { readBundle } from './pendants.ts'
import { createPhone } from './phones/phone.ts'
import { northgatePlan } from './plan.ts'
import { choosePort } from './port.ts'
import type { Phone } from './ports.ts'
import { writeSiteCopy } from './site.ts'

const SITE_FILE = fileURLToPath(new URL('northgate.yaml', import.meta.url))
const PAGE_DIRECTORY = fileURLToPath(new URL('../dist/ui/building', import.meta.url))
const HOST = '127.0.0.1'
const DESK_PORT = 8080
const PAGE_PORT = 8081
const MQTT_PORT = 1883
const SIP_PORT = 5060
/** Everything is told to stop within this; what has not by then is left to its own end. */
const STOP_MS = 2_700
/** One Ctrl-C comes up to three times: from the terminal, and handed on by npm and by tsx. */
const ONE_PRESS_MS = 300

type Undo = () => Promise<unknown> | unknown

type Up = { givenUp: Promise<string> }

async function putUp(data: string, undo: Undo[], signal: AbortSignal): Promise<Up> {
  const clock = realClock()
  const tell = (text: string) => console.log(text)
  const phone = await createTelephone()
  undo.push(() => phone.close())
  const siteFile = join(data, 'site.yaml')
  const site = await writeSiteCopy(SITE_FILE, siteFile, { sip: phone.address })
  const bundle = await readBundle()

  const log = createWriteStream(join(data, 'gateway.log'), { flags: 'a' })
  undo.push(() => new Promise(closed => log.end(closed)))
  const gateway = await keepGateway({
    site: siteFile,
    data,
    http: `${HOST}:${await choosePort(DESK_PORT)}`,
    mqtt: `${HOST}:${await choosePort(MQTT_PORT)}`,
    clock,
    tell,
    signal,
    onLine({ isLoud, text, raw }) {
      log.write(`${raw}\n`)
      if (isLoud) tell(`The gateway says: ${text}`)
    },
  })
  undo.push(() => gateway.stop())

  const deskUrl = `http://${gateway.http}/`
  const broker = endpoint(gateway.mqtt)
  const flashDirectory = join(data, 'pendants')
  const building = createBuilding({
    site,
    plan: northgatePlan,
    clock,
    bundle,
    flashDirectory,
    broker,
    phone,
    deskUrl,
  })
  undo.push(() => building.stop())
  const page = await servePage({
    host: HOST,
    port: await choosePort(PAGE_PORT),
    building,
    uiDir: PAGE_DIRECTORY,
  })
  undo.push(() => page.close())
  tell(welcome(deskUrl, page.url, gateway.mqtt, phone, data))
  return { givenUp: gateway.givenUp }
}

async function createTelephone(): Promise<Phone> {
  const telephone = { host: HOST, name: '5150', mode: 'manual' } as const
  return createPhone({ ...telephone, port: SIP_PORT }).catch(() => createPhone(telephone))
}

function welcome(deskUrl: string, pageUrl: string, mqtt: string, phone: Phone, data: string): string {
  const unusual = [
    deskUrl.includes(`:${DESK_PORT}/`) ? '' : `port ${DESK_PORT} was taken, so the desk is on another`,
    pageUrl.endsWith(`:${PAGE_PORT}`) ? '' : `port ${PAGE_PORT} was taken, so the simulator is on another`,
    mqtt.endsWith(`:${MQTT_PORT}`) ? '' : `port ${MQTT_PORT} was taken, so the broker is on another`,
    phone.address.port === SIP_PORT ? '' : `port ${SIP_PORT} was taken, so the telephone is on another`,
  ].filter(note => note !== '')
  return `
Northgate House is running.

  The security desk        ${deskUrl}
  The simulated building   ${pageUrl}/

  The receivers' broker    mqtt://${mqtt}
  Telephone 5150           sip:${phone.address.host}:${phone.address.port}
  Journal, log, pendants   ${data}
${unusual.map(note => `\n  (${note})`).join('')}
Try this: open both pages side by side, and click once on the desk: a browser keeps it silent until then, which is not
armed. In the building, choose a pendant and pull its cord. The desk shows who, where and how sure it is; telephone 5150
rings in the building: answer it, listen, press 1. The desk shows who acknowledged, and the pendant's light turns steadily
green: somebody is coming.

Ctrl-C stops everything.
`
}

/** Resolves, with nothing to say, once somebody wants it to end. The second Ctrl-C does not wait. */
function asked(stopping: AbortController): Promise<string> {
  return new Promise(done => {
    let firstAtMs = 0
    const ask = () => {
      const nowMs = performance.now()
      if (stopping.signal.aborted && nowMs - firstAtMs > ONE_PRESS_MS) process.exit(130)
      if (stopping.signal.aborted) return
      firstAtMs = nowMs
      stopping.abort()
      done('')
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
  })
}

async function takeDown(undo: Undo[]): Promise<void> {
  const late = setTimeout(() => {
    console.error('Something did not stop in time; leaving it.')
    process.exit(1)
  }, STOP_MS)
  for (const step of undo.reverse()) await step()
  clearTimeout(late)
}

/** Runs until somebody or something ends it; answers the fault, or '' where there was none. */
async function run(data: string, undo: Undo[], stopping: AbortController, wish: Promise<string>) {
  const up = putUp(data, undo, stopping.signal)
  try {
    const fault = await Promise.race([wish, up.then(({ givenUp }) => givenUp)])
    console.log(fault === '' ? '\nStopping.' : '')
    // What is still being put up must be there before it can be taken down.
    await up
    return fault
  } catch (error) {
    // A Ctrl-C while the gateway starts ends it too, and its end may be heard of first.
    await new Promise(look => setTimeout(look, ONE_PRESS_MS))
    if (stopping.signal.aborted) return ''
    return error instanceof Error ? error.message : String(error)
  }
}

function readOptions(): { data?: string } {
  return new Command('npm start --')
    .description('runs the simulated building, its gateway and its telephone on this machine')
    .option('--data <dir>', 'keep journal, log and pendants there; otherwise they go when it stops')
    .exitOverride()
    .parse()
    .opts<{ data?: string }>()
}

async function main(): Promise<number> {
  const undo: Undo[] = []
  const stopping = new AbortController()
  const wish = asked(stopping)
  try {
    const given = readOptions().data
    const data = given === undefined ? await mkdtemp(join(tmpdir(), 'tocsin-')) : resolve(given)
    await mkdir(data, { recursive: true })
    if (given === undefined) undo.push(() => rm(data, { recursive: true, force: true }))
    const fault = await run(data, undo, stopping, wish)
    if (fault !== '') console.error(`Stopping: ${fault}`)
    await takeDown(undo)
    return fault === '' ? 0 : 1
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

process.exit(await main())
