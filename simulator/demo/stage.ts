// Everything the demonstration plays on: a gateway process, the telephone, the receivers of a recorded walk, one pendant
// with the real firmware. Put up in order, taken down in the other, whatever happens.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../../schemas/site.ts'
import { openFlash } from '../building/flash.ts'
import { createPendant, readBundle } from '../building/pendants.ts'
import { createWorld, type World } from '../building/world.ts'
import { endpoint } from '../endpoint.ts'
import { type Gateway, type LogLine, startGateway } from '../gateway/process.ts'
import { type Pace, writeSiteCopy } from '../gateway/site.ts'
import { createPhone } from '../phones/phone.ts'
import type { PendantHost, Phone, PhoneMode, SimClock } from '../ports.ts'
import { type Ceiling, createCeiling } from '../receivers/ceiling.ts'
import type { Walk } from './replay.ts'

export type Stage = {
  gateway: Gateway
  phone: Phone
  ceiling: Ceiling
  world: World
  host: PendantHost
}

export type StageOptions = {
  siteFile: string
  site: Site
  walk: Walk
  pendant: Site['pendants'][number]
  phone: PhoneMode
  pace: Pace
  clock: SimClock
  /** Kept afterwards; a temporary one, taken away, where it is null. */
  data: string | null
  onLine: (line: LogLine) => void
  signal: AbortSignal
}

/** Plays `run` on a stage and takes the stage down, also where it throws. */
export async function onStage<T>(options: StageOptions, run: (stage: Stage) => Promise<T>): Promise<T> {
  const takeDown: (() => Promise<unknown> | unknown)[] = []
  try {
    return await run(await putUp(options, takeDown))
  } finally {
    for (const away of takeDown.reverse()) await away()
  }
}

async function putUp(options: StageOptions, takeDown: (() => unknown)[]): Promise<Stage> {
  const { site, clock, signal } = options
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'tocsin-demo-')))
  await mkdir(data, { recursive: true })
  if (options.data === null) takeDown.push(() => rm(data, { recursive: true, force: true }))

  const [telephone] = site.telephones
  const phone = await createPhone({ host: '127.0.0.1', name: telephone?.number ?? '', mode: options.phone })
  takeDown.push(() => phone.close())

  const siteCopy = join(data, 'site.yaml')
  await writeSiteCopy(options.siteFile, siteCopy, { sip: phone.address, pace: options.pace })
  const ports = { http: '127.0.0.1:0', mqtt: '127.0.0.1:0' }
  const gateway = await startGateway({ site: siteCopy, data, ...ports, onLine: options.onLine, signal })
  takeDown.push(() => gateway.stop())

  const world = createWorld(clock)
  const receivers = site.receivers.filter(({ id }) => options.walk.receivers.includes(id))
  const ceiling = createCeiling({
    receivers,
    broker: endpoint(gateway.mqtt),
    world,
    clock,
    onChange: () => {},
  })
  takeDown.push(() => ceiling.stop())

  const flash = openFlash(join(data, 'flash', `${options.pendant.id}.json`))
  const host = createPendant({ pendant: options.pendant, bundle: await readBundle(), flash, clock })
  takeDown.push(() => host.powerOff())
  return { gateway, phone, ceiling, world, host }
}
