// A device as the Theengs decoder tells of it, in OpenMQTTGateway and in Theengs gateway: with its bytes, or only what was made
// of them. Pure. Facts: decoder 1.7.8, run on frames of ours.
import { readAddress, readHex } from '../payload/fields.ts'
import type { Reading } from './adapter.ts'
import {
  advertised,
  byteIn,
  type Fields,
  isBthomeUuid,
  levelIn,
  percentIn,
  report,
  reportOf,
} from './reading.ts'

/** What it calls BTHome's button events. It has no number for 05, 06 and a hold of today (80): then there is no field. */
const BUTTONS: ReadonlyMap<unknown, number> = new Map([
  [0, 0x00],
  [1, 0x01],
  [2, 0x02],
  [3, 0x03],
  [9, 0x04],
  [11, 0x80],
])
const HOLD = 0x80
const LONG = 0x04
const MODEL = /^SBBT[-_]/
/** Sealed and told of in parts, without the byte that says how: one of these two. */
const INFOS = ['45', '41'] as const

/** What one device's message says. Of a device that is no button of this sort, that something was on the air. */
export function readDevice(value: Fields): Reading[] {
  const address = readAddress(value.id) ?? readAddress(value.mac)
  if (address === null) return [{ is: 'heard' }]
  if (value.servicedata !== undefined && isBthomeUuid(value.servicedatauuid))
    return [reportOf(address, value.servicedata, value.rssi)]
  const sealed = inParts(value)
  if (sealed !== null) {
    const [data, orData] = INFOS.map(info => advertised(info + sealed)) as [string, string]
    return [{ is: 'report', report: { ...report(address, data, value.rssi), orData } }]
  }
  if (typeof value.model_id !== 'string' || !MODEL.test(value.model_id)) return [{ is: 'heard' }]
  return isSealedModel(value) ? [{ is: 'heard' }] : [pressed(address, value)]
}

export const isSealedModel = ({ model_id }: Fields): boolean =>
  typeof model_id === 'string' && model_id.endsWith('_ENCR')

function inParts({ cipher, ctr, mic }: Fields): string | null {
  const parts = [cipher, ctr, mic].map(readHex)
  if (parts.some(part => part?.isWhole !== true)) return null
  const [text, counter, tag] = parts.map(part => part?.digits ?? '') as [string, string, string]
  return counter.length === 8 && tag.length === 8 ? text + counter + tag : null
}

function pressed(address: string, value: Fields): Reading {
  const buttons = buttonsIn(value)
  return {
    is: 'press',
    of: { address },
    action: buttons.every(button => button === 0) ? null : 'press',
    buttons,
    packetId: byteIn(value.packet),
    rssiDbm: levelIn(value.rssi),
    batteryPercent: percentIn(value.batt),
  }
}

/** A frame of a button whose event has no number there is one of a press all the same: a hold, the most likely. */
function buttonsIn(value: Fields): number[] {
  const read = (said: unknown): number => (said === undefined ? HOLD : (BUTTONS.get(said) ?? LONG))
  if (value.button !== undefined) return [read(value.button)]
  const several = [1, 2, 3, 4].map(i => value[`button${i}`])
  if (several.some(said => said !== undefined)) return several.map(read)
  return value.packet === undefined ? [] : [HOLD]
}
