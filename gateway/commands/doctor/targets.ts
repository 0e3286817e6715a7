// Whom a page would reach, tried by the channels' own code as a gateway does it: connected, registered where the site says so, and
// each target of the policy asked without ringing it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../../../schemas/site.ts'
import { systemClock } from '../../clock.ts'
import { type Plan, planOf } from '../../core/plan/plan.ts'
import { pagedTargets } from '../../core/state/armed.ts'
import { createLog } from '../../log.ts'
import { CHANNELS } from '../../pagers/channels.ts'
import { startPagers } from '../../pagers/pagers.ts'
import type { EngineEvent, Submit } from '../../ports.ts'
import { broken, type Finding, ok } from './finding.ts'

/** A telephone answers within ten seconds or cannot be called. */
const ANSWER_MS = 15_000

export async function tryTargets(site: Site): Promise<Finding[]> {
  const plan = planOf(site)
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'))
  try {
    return await heard(plan, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const nameOf = ({ channel, address }: { channel: string; address: string }): string => `${channel} ${address}`

/** Ends when each target was told of. */
async function heard(plan: Plan, scratch: string): Promise<Finding[]> {
  const told = new Map<string, string | null>()
  const faults = new Map<string, string>()
  const wanted = pagedTargets(plan)
  const clock = systemClock()
  await new Promise<void>((resolve, reject) => {
    const submit: Submit = async event => {
      note(event, told, faults)
      if (wanted.every(target => told.has(nameOf(target)))) done()
      return { refused: null }
    }
    const log = createLog({ level: 'silent', pretty: false })
    const pagers = startPagers(CHANNELS, { plan, dataDir: scratch, clock, log }, submit)
    const late = clock.after(ANSWER_MS, done)
    function done(): void {
      late()
      pagers.close().then(resolve, reject)
    }
  })
  return wanted.map(target => findingOf(plan, target, told, faults))
}

function note(event: EngineEvent, told: Map<string, string | null>, faults: Map<string, string>): void {
  if (event.kind === 'target')
    told.set(nameOf({ channel: event.channel, address: event.target }), event.fault)
  if (event.kind === 'fault' && event.text !== null) faults.set(event.key, event.text)
  if (event.kind === 'fault' && event.text === null) faults.delete(event.key)
}

type Target = ReturnType<typeof pagedTargets>[number]

function findingOf(
  { site }: Plan,
  target: Target,
  told: ReadonlyMap<string, string | null>,
  faults: ReadonlyMap<string, string>,
): Finding {
  const whose = site.telephones.find(({ number }) => number === target.address)?.name
  const tried = target.channel === 'sip' ? 'exchange' : target.channel
  const name = whose === undefined ? target.address : `${target.address} (${whose})`
  const fault = told.get(nameOf(target))
  if (fault === null) return ok(tried, `${name} can be called: it was asked, and did not ring`)
  const why = fault ?? faults.get(target.channel) ?? `nothing came of asking it within ${ANSWER_MS / 1000} s`
  return broken(
    tried,
    `${name} cannot be called: ${why}`,
    `look at sip in the site file, and at the exchange (${site.sip.server}:${site.sip.port}, ${site.sip.transport})`,
  )
}
