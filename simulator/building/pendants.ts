// A pendant of the site, ready to be switched on: the built firmware bundle on a simulated board, with its own
// settings file in its flash as if it had just been enrolled.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { iBeaconSetting } from '../../schemas/ibeacon.ts'
import type { Pendant } from '../../schemas/site.ts'
import type { ChipStorage } from '../espruino/chip/storage.ts'
import { createPendantHost } from '../espruino/host.ts'
import type { PendantHost, SimClock } from '../ports.ts'

const BUNDLE = fileURLToPath(new URL('../../dist/firmware/puckjs.js', import.meta.url))
const SETTINGS_FILE = 'tocsin.json'

/** The text of the built bundle. Throws where it has not been built. */
export async function readBundle(): Promise<string> {
  try {
    return await readFile(BUNDLE, 'utf8')
  } catch (cause) {
    throw new Error(
      `expected the built firmware at ${BUNDLE} (run: npm run setup), but it could not be read`,
      {
        cause,
      },
    )
  }
}

/** A board with the battery still out. */
export function createPendant(options: {
  pendant: Pendant
  bundle: string
  flash: ChipStorage
  clock: SimClock
}): PendantHost {
  const { pendant, bundle, flash, clock } = options
  const { id, key, address, iBeacon } = pendant
  const settings = { id, key, ...(iBeacon === undefined ? {} : { iBeacon: iBeaconSetting(iBeacon) }) }
  flash.write(SETTINGS_FILE, Uint8Array.from(Buffer.from(JSON.stringify(settings))))
  return createPendantHost({ bundle, address, clock, storage: flash })
}
