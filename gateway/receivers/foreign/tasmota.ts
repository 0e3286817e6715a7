// Tasmota (ESP32): tele/<topic>/BLE with the whole advertising data of one packet, where BLEDetails is 3 or 4 and BLEAddrFilter is
// not 0. Its place for a message is 200 bytes: what did not fit ends in a plus.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import { readAddress } from '../payload/fields.ts'
import type { Message, Reading, System } from './adapter.ts'
import { isFields, jsonIn, presenceIn, report, textIn, unread } from './reading.ts'

type Setting = Extract<Foreign, { kind: 'tasmota' }>

export function tasmota(receiver: string, { prefix, topic = receiver }: Setting): System {
  const own = `${prefix}/${topic}`
  const lwt = `${own}/LWT`
  const ble = `${own}/BLE`
  return {
    says: [ble, lwt],
    also: [`${own}/#`, `stat/${topic}/#`, `cmnd/${topic}/#`, 'tasmota/#', 'homeassistant/#'],
    hears: [],
    told: [],
    read: ({ topic: at, payload }: Message): Reading[] =>
      at === lwt ? [presenceIn(payload)] : packet(payload),
  }
}

function packet(payload: Buffer): Reading[] {
  const value = jsonIn(payload)
  const details = isFields(value) ? value.DetailsBLE : detailsIn(payload.toString('utf8'))
  // It tells of other things there too.
  if (details === undefined)
    return value === undefined ? [unread('message', 'JSON', payload.toString('utf8'))] : []
  if (!isFields(details)) return [unread('DetailsBLE', 'a group of fields', details)]
  const [digits] = textIn(details.mac).split('/')
  const address = readAddress(digits)
  if (address === null) return [unread('DetailsBLE.mac', 'an address', details.mac)]
  const data = wholeStructures(details.p)
  if (data === null) return [unread('DetailsBLE.p', 'advertising data as hex', details.p)]
  const isCut = typeof details.p === 'string' && details.p.endsWith('+')
  if (isCut && !data.includes('16d2fc')) return [unread('DetailsBLE.p', 'a whole frame', 'one that was cut')]
  return [{ is: 'report', report: report(address, data, details.RSSI) }]
}

/** A message that was cut behind the data, where it is no JSON any more: the fields that stand before that. */
function detailsIn(text: string): Record<string, unknown> | undefined {
  const mac = /"mac":"([^"]*)"/.exec(text)?.[1]
  const p = /"p":"([^"]*)/.exec(text)?.[1]
  const rssi = /"RSSI":(-?\d+)/.exec(text)?.[1]
  return mac === undefined || p === undefined ? undefined : { mac, p, RSSI: Number(rssi) }
}

/** The AD structures that are there whole, as hex; null where there is none. */
function wholeStructures(p: unknown): string | null {
  const hex = typeof p === 'string' ? (/^[0-9a-fA-F]*/.exec(p)?.[0] ?? '').toLowerCase() : ''
  let end = 0
  for (;;) {
    const length = Number.parseInt(hex.slice(end, end + 2), 16)
    if (!(length > 0) || end + 2 * (length + 1) > hex.length) break
    end += 2 * (length + 1)
  }
  return end === 0 ? null : hex.slice(0, end)
}
