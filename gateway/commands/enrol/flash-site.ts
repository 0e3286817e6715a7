// In: the settings that go onto a pendant, and the site file that is to know it. Out: what is done to that file once its address is
// read. Promises that site and pendant agree on key and identity before the pendant is touched.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Pendant } from '../../../schemas/site.ts'
import { changeSite, SiteNotChanged, withAddress, withPendant } from '../../site/pendant.ts'
import { readSite } from '../../site/read.ts'
import { checkPendant, ENROLMENT_FILE, NO_ADDRESS } from './enrol.ts'
import { forget } from './enrolments.ts'
import { wearerAmiss } from './options.ts'

export type SiteOptions = {
  /** The file of the settings. */
  settings: string
  /** The site file; without one there is nothing to do. */
  site?: string
  wearer?: string
}

/** Of the settings that go onto it. */
export type Flashing = { id: string; key: string; iBeacon: string | undefined }

/** Who wears it, as the enrolment left it beside the settings. */
async function wearerOf({ wearer, settings }: SiteOptions): Promise<string> {
  if (wearer !== undefined) return wearer
  try {
    const file = await readFile(join(dirname(settings), ENROLMENT_FILE), 'utf8')
    return z.object({ wearer: z.string() }).parse(JSON.parse(file)).wearer
  } catch (cause) {
    throw new SiteNotChanged('expected --wearer, because the pendant is not in the site file yet', { cause })
  }
}

export type SiteChange = (address: string) => Promise<void>

/**
 * What will have to be done to the site file, checked as far as it can be before the pendant is touched. Throws SiteNotChanged
 * or SiteRefused.
 */
export async function siteChange(options: SiteOptions, { id, key, iBeacon }: Flashing): Promise<SiteChange> {
  const { site: file } = options
  if (file === undefined) return async () => {}
  const site = readSite(file)
  const known = site.pendants.find(pendant => pendant.id === id)
  if (known !== undefined && known.key !== key) {
    throw new SiteNotChanged(
      `expected the key of ${id} in ${file} to be that of ${options.settings}, and it is another`,
    )
  }
  if (known !== undefined && known.iBeacon !== iBeacon) {
    throw new SiteNotChanged(
      `expected the iBeacon of ${id} in ${file} to be ${iBeacon ?? 'none'}, as ${options.settings} has it, and it is ${known.iBeacon ?? 'none'}`,
    )
  }
  if (known !== undefined) {
    return at => changeSite(file, (text, name) => withAddress(text, name, id, at))
  }
  const wearer = await wearerOf(options)
  const problems = wearerAmiss(site, wearer)
  if (problems.length > 0) throw new SiteNotChanged(problems.join('\n'))
  const pendantAt = (at: string): Pendant => ({
    id,
    address: at,
    key,
    wearer,
    ...(iBeacon === undefined ? {} : { iBeacon }),
  })
  await checkPendant(file, pendantAt(NO_ADDRESS))
  return async at => {
    await changeSite(file, (text, name) => withPendant(text, name, pendantAt(at)))
    await forget(file, id)
  }
}
