// The site file as the simulator needs it: reads it, and writes the copy that a running gateway is given.
// The only door of `yaml` here; the gateway checks the copy again by itself.
import { readFile, writeFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import type { Policy } from '../../schemas/site/paging.ts'
import { type Receiver, Site } from '../../schemas/site.ts'

/** What is known only at run time, or what a demonstration wants shorter. */
export type SiteChanges = {
  /** Where the telephone really listens. */
  sip?: { host: string; port: number }
  /** Where the receivers hang on the plan that the simulator has drawn. */
  receivers?: (site: Site) => readonly Receiver[]
  /** Replaces the timing of every step of every policy, and its rounds. */
  pace?: Pace
}
export type Pace = Pick<Policy, 'rounds' | 'onwardSeconds'> &
  Pick<Policy['steps'][number], 'attempts' | 'ringSeconds' | 'talkSeconds' | 'pauseSeconds'>

/** Reads and checks a site file. Throws with the file's name where it cannot be read or is not a site. */
export async function readSite(path: string): Promise<Site> {
  const document = parseDocument(await readText(path))
  const [fault] = document.errors
  if (fault !== undefined) throw new Error(`${path}: expected a YAML document: ${fault.message}`)
  const parsed = Site.safeParse(document.toJS())
  if (!parsed.success) throw new Error(`${path} is not a site file:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** Writes `to`, the same site with `changes`, comments and all; answers the changed site. */
export async function writeSiteCopy(from: string, to: string, changes: SiteChanges): Promise<Site> {
  const site = await readSite(from)
  const document = parseDocument(await readText(from))
  if (changes.sip !== undefined) {
    document.setIn(['sip', 'server'], changes.sip.host)
    document.setIn(['sip', 'port'], changes.sip.port)
    // The simulated telephone is called directly: no exchange is there to register with, or to prove anything to.
    document.setIn(['sip', 'transport'], 'tcp')
    document.setIn(['sip', 'register'], false)
    document.deleteIn(['sip', 'password'])
    document.deleteIn(['sip', 'probe'])
  }
  for (const [at, receiver] of changes.receivers?.(site).entries() ?? [])
    if (receiver.at !== undefined) document.setIn(['receivers', at, 'at'], receiver.at)
  for (const [at, policy] of site.policies.entries()) {
    if (changes.pace === undefined) break
    const { rounds, onwardSeconds, ...step } = changes.pace
    document.setIn(['policies', at, 'rounds'], rounds)
    document.setIn(['policies', at, 'onwardSeconds'], onwardSeconds)
    for (const index of policy.steps.keys())
      for (const [name, value] of Object.entries(step))
        document.setIn(['policies', at, 'steps', index, name], value)
  }
  await refuseOthers(to)
  // It holds keys and passwords.
  await writeFile(to, `${COPIED}\n${document.toString()}`, { mode: 0o600 })
  return readSite(to)
}

/** How a copy begins, so that nobody edits it, and a site file of somebody's own is told from it. */
const COPIED = '# A copy, written anew at each start of the simulated building: what you change here is lost.'

async function refuseOthers(to: string): Promise<void> {
  const is = await readFile(to, 'utf8').catch(() => COPIED)
  if (is.startsWith(COPIED)) return
  throw new Error(
    `${to}: expected no file there, or a copy of an earlier start, came another file: move it, and name it by --site`,
  )
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Error(`expected a site file at ${path}, but it could not be read`, { cause })
  }
}
