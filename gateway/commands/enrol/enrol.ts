// A new pendant: an id and a random key, its place in the site file, the settings file for the chip and a label.
// Refuses before it writes anything; what it writes it takes back if the last step fails.
import { randomBytes } from 'node:crypto'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KEY_BYTES } from '../../../schemas/frame.ts'
import { IBeaconUuid, iBeaconParts, iBeaconSetting, iBeaconText } from '../../../schemas/ibeacon.ts'
import type { Pendant, Site } from '../../../schemas/site.ts'
import { changeSite, SiteNotChanged, withPendant } from '../../site/pendant.ts'
import { readSite } from '../../site/read.ts'
import { writeNewFile } from '../new-file.ts'
import { type Enrolment, forget, note, waiting } from './enrolments.ts'
import { codeForTerminal, labelSvg } from './label.ts'
import { filesAmiss, optionsAmiss } from './options.ts'

export const SETTINGS_FILE = 'tocsin.json'
/** Beside the settings while the address is not known: who will wear it, for whoever flashes it. */
export const ENROLMENT_FILE = 'enrolment.json'
const LABEL_FILE = 'label.svg'

export type Enrolling = {
  siteFile: string
  wearer: string
  id?: string
  /** As printed, lower case. Without it the pendant is put into the site file when it is flashed. */
  address?: string
  /** An iBeacon identity that it is to air while idle: whole, or a UUID alone, and major and minor are chosen. */
  iBeacon?: string
  /** By default a folder of the pendant's id, here. */
  out?: string
  /** Makes one though another of this wearer waits to be flashed. */
  isAnother?: boolean
}

export type Enrolled = {
  id: string
  folder: string
  isInSite: boolean
  code: string
  iBeacon: string | undefined
}

/** The number after the highest of p-01, p-02 …; none is given twice while its pendant is in the file, or waits for it. */
export const nextId = (site: Site, waits: readonly Enrolment[] = []): string => {
  const numbers = [...site.pendants, ...waits].map(({ id }) => Number(/^p-(\d+)$/.exec(id)?.[1] ?? 0))
  return `p-${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}`
}

/** Where minors are counted under a UUID that is given alone. */
const MAJOR = 1

/** Whole as it is; a UUID alone gets major 1 and the minor after the highest that it has there in this site. */
export const nextIBeacon = (site: Site, asked: string): string => {
  if (!IBeaconUuid.safeParse(asked).success) return asked
  const minors = site.pendants.flatMap(({ iBeacon }) => {
    if (iBeacon === undefined) return []
    const { uuid, major, minor } = iBeaconParts(iBeacon)
    return uuid === asked && major === MAJOR ? [minor] : []
  })
  return iBeaconText({ uuid: asked, major: MAJOR, minor: Math.max(0, ...minors) + 1 })
}

/** Stands in while the real address is not known, so that the rest can be checked: no chip has it. */
export const NO_ADDRESS = '00:00:00:00:00:00'

/** Throws SiteRefused where the site would not stand with it; its address counts only where it is known. */
export const checkPendant = (siteFile: string, pendant: Pendant): Promise<void> =>
  changeSite(siteFile, (text, name) => {
    withPendant(text, name, pendant)
    return text
  })

const settingsOf = ({ id, key, iBeacon }: Pendant): object => ({
  id,
  key,
  ...(iBeacon === undefined ? {} : { iBeacon: iBeaconSetting(iBeacon) }),
})

const filesOf = (pendant: Pendant, address: string | null): [name: string, text: string][] => [
  [SETTINGS_FILE, `${JSON.stringify(settingsOf(pendant))}\n`],
  [LABEL_FILE, labelSvg({ id: pendant.id, address })],
  ...(address === null
    ? [[ENROLMENT_FILE, `${JSON.stringify({ wearer: pendant.wearer })}\n`] as [string, string]]
    : []),
]

const writeNew = async (path: string, text: string): Promise<void> => {
  try {
    await writeNewFile(path, text)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new SiteNotChanged(
      `expected no file at ${path} yet, and there is one: it may hold a pendant's only key`,
    )
  }
}

function refuseIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new SiteNotChanged(problems.join('\n'))
}

/** Throws SiteNotChanged where this id, or this wearer, has a pendant with a key of its own that waits to be flashed. */
function refuseSecond(waits: readonly Enrolment[], { id, wearer, isAnother }: Enrolling): void {
  const same = waits.find(each => each.id === id || (isAnother !== true && each.wearer === wearer))
  if (same === undefined) return
  const mend = same.id === id ? 'flash that one' : 'flash that one, or enrol with --another'
  throw new SiteNotChanged(
    `expected no pendant of ${same.wearer} that waits to be flashed, and ${same.id} does; ${same.settings} may hold a pendant's only key: ${mend}`,
  )
}

/** Those that wait and are not in the site file: what was flashed by a gateway of old, or by hand, waits no more. */
async function waitingFor(site: Site, siteFile: string): Promise<Enrolment[]> {
  const all = await waiting(siteFile)
  const isIn = ({ id }: Enrolment): boolean => site.pendants.some(pendant => pendant.id === id)
  for (const each of all.filter(isIn)) await forget(siteFile, each.id)
  return all.filter(each => !isIn(each))
}

/** Enrols a pendant. Throws SiteRefused or SiteNotChanged, and then nothing is changed anywhere. */
export const enrol = async (asked: Enrolling): Promise<Enrolled> => {
  const site = readSite(asked.siteFile)
  const { wearer, id: askedId, address: askedAddress } = asked
  refuseIfAny(optionsAmiss(site, { wearer, id: askedId, address: askedAddress }))
  const waits = await waitingFor(site, asked.siteFile)
  const id = askedId ?? nextId(site, waits)
  const folder = asked.out ?? id
  // An id that waits has its files there: it is said that it waits.
  if (!waits.some(each => each.id === id))
    refuseIfAny(filesAmiss([SETTINGS_FILE, LABEL_FILE].map(name => join(folder, name))))
  const address = asked.address ?? null
  const key = randomBytes(KEY_BYTES).toString('hex')
  const iBeacon = asked.iBeacon === undefined ? undefined : nextIBeacon(site, asked.iBeacon)
  const pendant: Pendant = {
    id,
    address: address ?? NO_ADDRESS,
    key,
    wearer: asked.wearer,
    ...(iBeacon === undefined ? {} : { iBeacon }),
  }
  await checkPendant(asked.siteFile, pendant)
  refuseSecond(waits, asked)
  const made = await mkdir(folder, { recursive: true })
  const written: string[] = []
  let isNoted = false
  try {
    if (address === null) {
      await note(asked.siteFile, { id, wearer: asked.wearer, settings: join(folder, SETTINGS_FILE) })
      isNoted = true
    }
    for (const [name, text] of filesOf(pendant, address)) {
      await writeNew(join(folder, name), text)
      written.push(join(folder, name))
    }
    if (address !== null) {
      await changeSite(asked.siteFile, (text, name) => withPendant(text, name, pendant))
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    if (isNoted) await forget(asked.siteFile, id)
    if (made !== undefined) await rmdir(folder).catch(() => undefined)
    throw error
  }
  return { id, folder, isInSite: address !== null, code: await codeForTerminal({ id, address }), iBeacon }
}
