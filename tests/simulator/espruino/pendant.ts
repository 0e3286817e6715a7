// A pendant on a clock that the test moves, with what it sent and showed; the parts are the real ones.
import { steppedClock } from '../../../simulator/clock.ts'
import {
  type ChipStorage,
  memoryStorage,
  type StorageStep,
} from '../../../simulator/espruino/chip/storage.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'
import type { Advertisement, Lights } from '../../../simulator/ports.ts'

export const ADDRESS = 'c7:f9:36:dd:b0:ca'
export const KEY = '231d39c1d7cc1ab1aee224cd096db932'

/** Flash with the settings of p-07, and `more` of them. */
export const enrolled = (
  more: Readonly<Record<string, unknown>> = {},
  onStep?: (step: StorageStep) => void,
): ChipStorage => memoryStorage({ 'tocsin.json': JSON.stringify({ id: 'p-07', key: KEY, ...more }) }, onStep)

export const wear = (bundle: string, storage: ChipStorage = enrolled()) => {
  const clock = steppedClock(1_800_000_000_000)
  const host = createPendantHost({ bundle, address: ADDRESS, clock, storage, batteryPercent: () => 97 })
  const sent: Advertisement[] = []
  const lit: { lights: Lights; atMs: number }[] = []
  host.onAdvertisement(advertisement => sent.push(advertisement))
  host.onLights((lights, atMs) => lit.push({ lights, atMs }))
  return { clock, host, sent, lit, storage }
}
