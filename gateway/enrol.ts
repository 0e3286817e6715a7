// A new pendant: an id and a random key, its place in the site file, the settings file for the chip and a label.
// Refuses before it writes anything; what it writes it takes back if the last step fails.
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KEY_BYTES } from '../schemas/frame.ts'
import type { Pendant, Site } from '../schemas/site.ts'
import { codeForTerminal, labelSvg } from './label.ts'
import { readSite } from './site.ts'
import { changeSite, SiteNotChanged, withPendant } from './site-pendant.ts'

export const SETTINGS_FILE = 'tocsin.json'
/** Beside the settings while the address is not known: who will wear it, for whoever flashes it. */
export const ENROLMENT_FILE = 'enrolment.json'
const LABEL_FILE = 'label.svg'
const OWNER_ONLY = 0o600

export type Enrolling = {
  siteFile: string
  wearer: string
  id?: string
  /** As printed, lower case. Without it the pendant is put into the site file when it is flashed. */
  address?: string
  /** By default a folder of the pendant's id, here. */
  out?: string
}

export type Enrolled = { id: string; folder: string; isInSite: boolean; code: string }

/** The number after the highest of p-01, p-02 …; a number is not given twice while its pendant is in the file. */
export const nextId = (site: Site): string => {
  const numbers = site.pendants.map(({ id }) => Number(/^p-(\d+)$/.exec(id)?.[1] ?? 0))
  return `p-${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}`
}

/** Stands in while the real address is not known, so that the rest can be checked: no chip has it. */
const NO_ADDRESS = '00:00:00:00:00:00'

/** Throws SiteRefused where the site would not stand with it. */
const check = (siteFile: string, pendant: Pendant): Promise<void> =>
  changeSite(siteFile, (text, name) => {
    withPendant(text, name, pendant)
    return text
  })

const filesOf = (pendant: Pendant, address: string | null): [name: string, text: string][] => [
  [SETTINGS_FILE, `${JSON.stringify({ id: pendant.id, key: pendant.key })}\n`],
  [LABEL_FILE, labelSvg({ id: pendant.id, address })],
  ...(address === null
    ? [[ENROLMENT_FILE, `${JSON.stringify({ wearer: pendant.wearer })}\n`] as [string, string]]
    : []),
]

const writeNew = async (path: string, text: string): Promise<void> => {
  try {
    await writeFile(path, text, { flag: 'wx', mode: OWNER_ONLY })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new SiteNotChanged(
      `expected no file at ${path} yet, and there is one: it may hold a pendant's only key`,
    )
  }
}

/** Enrols a pendant. Throws SiteRefused or SiteNotChanged, and then nothing is changed anywhere. */
export const enrol = async (asked: Enrolling): Promise<Enrolled> => {
  const site = readSite(asked.siteFile)
  const id = asked.id ?? nextId(site)
  const address = asked.address ?? null
  const key = randomBytes(KEY_BYTES).toString('hex')
  const pendant: Pendant = { id, address: address ?? NO_ADDRESS, key, wearer: asked.wearer }
  await check(asked.siteFile, pendant)
  const folder = asked.out ?? id
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  try {
    for (const [name, text] of filesOf(pendant, address)) {
      await writeNew(join(folder, name), text)
      written.push(join(folder, name))
    }
    if (address !== null) {
      await changeSite(asked.siteFile, (text, name) => withPendant(text, name, pendant))
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
  return { id, folder, isInSite: address !== null, code: await codeForTerminal({ id, address }) }
}
