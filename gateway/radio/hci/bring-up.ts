// From a controller in any state to one that listens: reset, asked what it can do, told what to tell, set to scan passively. Every
// answer is checked. In: whom to ask. Out: what it can do. Throws CommandRefused, CommandUnanswered, ControllerUnfit.
import { randomBytes } from 'node:crypto'
import type { Asking } from './asking.ts'
import {
  type OwnAddress,
  readAddress,
  readAdvertisingSets,
  readLeFeatures,
  readLocalFeatures,
  readLocalVersion,
  reset,
  setEventMask,
  setExtendedScan,
  setExtendedScanParameters,
  setLeEventMask,
  setRandomAddress,
  setScan,
  setScanParameters,
  writeLeHost,
} from './codec/commands.ts'

/** The controller answers, and is none that can do this. */
export class ControllerUnfit extends Error {
  override readonly name = 'ControllerUnfit'
}

export type Controller = {
  /** Its commands are those of Bluetooth 5; the older ones may not be mixed with them. */
  isExtended: boolean
  own: OwnAddress
  /** Ours, where it has none of its own. */
  randomAddress: string | null
  /** Packets that it can send beside one another; 1 where it has no sets. */
  sets: number
}

/** HCI version 6 is Bluetooth 4.0, the first with Low Energy. */
const VERSION_MIN = 6
const FEATURE_NO_BREDR = 37
const FEATURE_LE = 38
const LE_FEATURE_EXTENDED_ADVERTISING = 12

const hasBit = (bytes: Uint8Array, bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1

export async function bringUp(asking: Asking): Promise<Controller> {
  await asking.askFirst(reset())
  const version = (await asking.ask(readLocalVersion()))[0] ?? 0
  if (version < VERSION_MIN)
    throw new ControllerUnfit(
      `expected a controller of Bluetooth 4.0 or later (HCI version ${VERSION_MIN}), came version ${version}`,
    )
  await asking.ask(setEventMask())
  await hostLe(asking)
  const isExtended = hasBit(await asking.ask(readLeFeatures()), LE_FEATURE_EXTENDED_ADVERTISING)
  await asking.ask(setLeEventMask(isExtended))
  const randomAddress = isAddress(await asking.ask(readAddress())) ? null : staticAddress()
  if (randomAddress !== null) await asking.ask(setRandomAddress(randomAddress))
  const own = randomAddress === null ? 'public' : 'random'
  const sets = isExtended ? Math.max(1, (await asking.ask(readAdvertisingSets()))[0] ?? 1) : 1
  await asking.ask(isExtended ? setExtendedScanParameters(own) : setScanParameters(own))
  const controller = { isExtended, own, randomAddress, sets } as const
  await asking.ask(scan(controller, true))
  return controller
}

/** The scan off and on again: what a controller needs that lost it without saying so. */
export async function scanAnew(asking: Asking, controller: Controller): Promise<void> {
  await asking.ask(scan(controller, false))
  await asking.ask(scan(controller, true))
}

const scan = ({ isExtended }: Controller, isOn: boolean) =>
  isExtended ? setExtendedScan(isOn) : setScan(isOn)

/** One that speaks classic Bluetooth too is told that its host speaks Low Energy. */
async function hostLe(asking: Asking): Promise<void> {
  const features = await asking.ask(readLocalFeatures())
  if (!hasBit(features, FEATURE_LE)) throw new ControllerUnfit('the controller has no Bluetooth Low Energy')
  if (!hasBit(features, FEATURE_NO_BREDR)) await asking.ask(writeLeHost())
}

/** All zeros or all ones is what chips say that have none. */
const isAddress = (bytes: Uint8Array): boolean =>
  bytes.length === 6 && bytes.some(byte => byte !== 0) && bytes.some(byte => byte !== 0xff)

/** A static random address: the two highest bits are set. */
function staticAddress(): string {
  const bytes = randomBytes(6)
  bytes[0] = (bytes[0] ?? 0) | 0xc0
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}
