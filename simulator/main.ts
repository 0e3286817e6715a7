// `npm start`: the whole building with one command. Starts the gateway, six pendants with the real firmware, the
// receivers, the telephone at 5150 and the building's page; says where everything is; stops all of it on Ctrl-C.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { faultText } from '../schemas/fault-words.ts'
import type { Site } from '../schemas/site.ts'
import { createBuilding } from './building/building.ts'
import { readBundle } from './building/pendants.ts'
import { northgatePlan, type Plan } from './building/plan.ts'
import { gridPlan, hungIn } from './building/plan-grid.ts'
import { realClock } from './clock.ts'
import { hangRadios } from './controller/in-building.ts'
import { endpoint } from './endpoint.ts'
import { keepGateway } from './gateway/keeper.ts'
import { keepLog } from './gateway/log-file.ts'
import { writeSiteCopy } from './gateway/site.ts'
import { checkSite } from './gateway/site-check.ts'
import { type Options, readOptions } from './options.ts'
import { servePage } from './page/server.ts'
import { createPhone } from './phones/phone.ts'
import { portFor, USUAL_PORTS } from './port.ts'
import type { Phone } from './ports.ts'
import { welcome } from './welcome.ts'

const SITE_FILE = fileURLToPath(new URL('building/northgate.yaml', import.meta.url))
const PAGE_DIRECTORY = fileURLToPath(new URL('../dist/ui/building', import.meta.url))
const HOST = '127.0.0.1'
/** Everything is told to stop within this; what has not by then is left to its own end. */
const STOP_MS = 2_700
/** One Ctrl-C comes up to three times: from the terminal, and handed on by npm and its shell. */
const ONE_PRESS_MS = 300

type Undo = () => Promise<unknown> | unknown

type Up = { givenUp: Promise<string> }

/** The site as it runs: the example on its recorded plan, or one of the user's on a plan that is made up. */
async function prepareSite(given: string | undefined, data: string, phone: Phone) {
  const copy = join(data, 'site.yaml')
  if (given === undefined)
    return {
      file: copy,
      plan: northgatePlan,
      site: await writeSiteCopy(SITE_FILE, copy, { sip: phone.address }),
    }
  await checkSite(given)
  let plan: Plan = new Map()
  const receivers = (site: Site) => {
    plan = gridPlan(site)
    return hungIn(plan, site.receivers)
  }
  const site = await writeSiteCopy(given, copy, { sip: phone.address, receivers })
  return { file: copy, plan, site }
}

async function putUp(options: Options, data: string, undo: Undo[], signal: AbortSignal): Promise<Up> {
  const clock = realClock()
  const tell = (text: string) => console.log(text)
  const { ports } = options
  const phone = await createTelephone(ports.sip)
  undo.push(() => phone.close())
  const { file, plan, site } = await prepareSite(options.site, data, phone)
  const bundle = await readBundle()

  const log = keepLog(join(data, 'gateway.log'), tell)
  const gateway = await keepGateway({
    site: file,
    data,
    http: `${HOST}:${await portFor('desk', ports.desk)}`,
    mqtt: `${HOST}:${await portFor('mqtt', ports.mqtt)}`,
    clock,
    tell,
    signal,
    onLine({ isLoud, text, raw }) {
      log.write(raw)
      if (isLoud) tell(`The gateway says: ${text}`)
    },
  })
  undo.push(() => gateway.stop())

  const deskUrl = `http://${gateway.http}/`
  const building = createBuilding({
    site: ours(site),
    plan,
    clock,
    bundle,
    flashDirectory: join(data, 'pendants'),
    broker: endpoint(gateway.mqtt),
    phone,
    deskUrl,
    elsewhere: new Set(options.radios.keys()),
  })
  undo.push(() => building.stop())
  const hung = await hangRadios({ radios: radiosOf(site, options.radios), world: building.world, clock })
  undo.push(() => hung.close())
  const page = await servePage({
    host: HOST,
    port: await portFor('page', ports.page),
    building,
    uiDir: PAGE_DIRECTORY,
  })
  undo.push(() => page.close())
  tell(
    welcome({
      site,
      deskUrl,
      pageUrl: page.url,
      mqtt: gateway.mqtt,
      phone,
      data,
      isKept: options.data !== undefined,
      asked: ports,
    }),
  )
  return { givenUp: gateway.givenUp }
}

/** Throws where the site has no such receiver. */
function radiosOf({ receivers }: Site, radios: Options['radios']): Options['radios'] {
  const ids = receivers.map(({ id }) => id)
  const strange = [...radios.keys()].find(id => !ids.includes(id))
  if (strange === undefined) return radios
  throw new Error(`expected --radio for one of the receivers ${ids.join(', ')}, came ${strange}`)
}

/** Only pendants of ours have firmware to run; buttons of other makers are left on the shelf. */
const ours = (site: Site): Site => ({
  ...site,
  pendants: site.pendants.filter(({ bthome }) => bthome === undefined),
})

async function createTelephone(asked: number | undefined): Promise<Phone> {
  const telephone = { host: HOST, name: '5150', mode: 'manual' } as const
  if (asked !== undefined) await portFor('sip', asked)
  const made = createPhone({ ...telephone, port: asked ?? USUAL_PORTS.sip })
  return asked === undefined ? made.catch(() => createPhone(telephone)) : made
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
async function run(
  options: Options,
  data: string,
  undo: Undo[],
  stopping: AbortController,
  wish: Promise<string>,
) {
  const up = putUp(options, data, undo, stopping.signal)
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
    return faultText(error)
  }
}

async function main(): Promise<number> {
  const undo: Undo[] = []
  const stopping = new AbortController()
  const wish = asked(stopping)
  try {
    const options = readOptions()
    const given = options.data
    const data = given === undefined ? await mkdtemp(join(tmpdir(), 'tocsin-')) : resolve(given)
    await mkdir(data, { recursive: true })
    if (given === undefined) undo.push(() => rm(data, { recursive: true, force: true }))
    const fault = await run(options, data, undo, stopping, wish)
    if (fault !== '') console.error(`Stopping: ${fault}`)
    await takeDown(undo)
    return fault === '' ? 0 : 1
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    console.error(`Stopping: ${faultText(error)}`)
    return 1
  }
}

process.exit(await main())
