// A changed site file taken up while the gateway runs: checked first and refused whole where anything is wrong, then counted
// by the engine, the broker and the pager, in this order. What became of it is said in the log and on the desk.
import { isDeepStrictEqual } from 'node:util'
import type { Site } from '../../schemas/site.ts'
import { type Plan, planOf } from '../core/plan/plan.ts'
import { NotKept } from '../engine/writer.ts'
import type { Log } from '../log.ts'
import type { Submit } from '../ports.ts'
import { checkSite, problemText, SiteRefused } from './read.ts'

export type Reloading = {
  siteFile: string
  log: Log
  submit: Submit
  /** Takes up what the site file only names: a renewed certificate. */
  renew?(): void
  /** Takes over what the rim keeps of a site: accounts, telephones, phrases. Called after the engine counts by it. */
  takeOver(before: Site, after: Site, plan: Plan): void
}

/** The fault that a refused file is on the desk; mended by the next one that is taken up, or is as it was. */
const SITE_KEY = 'site'

/**
 * `reload` reads the file again, one time after the other; it never rejects. Who asks while another waits for its turn is
 * served by that one, so that no storm of signals keeps the engine. `site` is the one that counts at the start.
 */
export function createReload(options: Reloading, site: Site): { reload(by: string): Promise<void> } {
  const { siteFile, log, submit } = options
  let now = site
  let last: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null

  const refuse = async (error: unknown): Promise<void> => {
    const problems = error instanceof SiteRefused ? error.problems.map(problemText) : [reasonOf(error)]
    log.error({ problems }, 'the changed site file was refused whole: the one before counts')
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more: tocsin check ${siteFile})` : ''
    const text = `The changed site file was refused, and the one before it counts: ${problems[0]}${more}`
    await carriedOut(submit({ kind: 'fault', key: SITE_KEY, text }))
  }

  const takeUp = async (by: string): Promise<void> => {
    const { site: next, warnings } = checkSite(siteFile)
    options.renew?.()
    for (const warning of warnings) log.warn({ warning: problemText(warning) }, 'odd in the site file')
    await carriedOut(submit({ kind: 'fault', key: SITE_KEY, text: null }))
    if (isDeepStrictEqual(next, now)) {
      log.info('the site file is as it was')
      return
    }
    const plan = planOf(next)
    await carriedOut(submit({ kind: 'site', plan, by }))
    options.takeOver(now, next, plan)
    now = next
    log.info({ by }, 'the changed site file counts from now on')
  }

  return {
    reload(by) {
      if (waiting !== null) return waiting
      last = last
        .then(() => {
          waiting = null
          return takeUp(by)
        })
        .catch(refuse)
        .catch(error => log.error({ err: error }, 'the site file could not be taken up'))
      waiting = last
      return last
    },
  }
}

/** What the journal refuses for now is carried out and counts: the rest of it must follow. */
const carriedOut = (submitted: Promise<unknown>): Promise<unknown> =>
  submitted.catch(error => {
    if (!(error instanceof NotKept)) throw error
  })

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
