// In: a decoded frame, the pendant it claims to be, and what was heard of that pendant before.
// Out: an authentic frame, the same one heard again, or a refusal with its reason. Refusals are values, never thrown.
// AES-128-CCM as BTHome v2 uses it (bthome.io/encryption): no AAD, MIC of 4 bytes.
import { createDecipheriv } from 'node:crypto'
import { BTHOME_UUID, INFO_SEALED_TRIGGER, MIC_BYTES, NONCE_BYTES } from '../../../schemas/frame.ts'
import type { Pendant } from '../../../schemas/site.ts'
import type { Suspicion } from '../plan/change.ts'
import {
  type AlarmObject,
  isKnownAlarm,
  type Objects,
  type PlainFrame,
  readObjects,
  type SealedFrame,
} from './decode.ts'

/** Why a frame was not believed. `security` ones are shown on the desk. */
export type FrameRefusal = 'wrong-key' | 'replayed' | 'downgrade' | 'malformed' | 'unknown-kind'

/** When each counter was first heard: what makes a late report (queued by its receiver) different from a replay. */
export type CounterHistory = readonly { counter: number; heardAtMs: number }[]

export type Authentic = {
  is: 'authentic'
  counter: number | null
  objects: Objects
  /** Null from a button that is not ours: what it says is its presses. */
  alarm: AlarmObject | null
  isVerified: boolean
  /** Heard before a newer frame was, told to us after it: good for an alarm and for a level, never moves the counter. */
  isLate: boolean
  /** Its counter is one that this pendant cannot have now. An alarm is called all the same; anything else is not believed. */
  suspect: Exclude<Suspicion, 'two-senders'> | null
}
export type Authenticated = Authentic | { is: 'refused'; reason: FrameRefusal; came: string }

/** Receivers' clocks of one packet differ by their own latency; within this a lower counter is late, not replayed. */
export const LATE_SLACK_MS = 2_000

/**
 * A counter so far ahead is not the pendant's next: at a heartbeat each 2 s it would have been heard by nobody for 97 days. It
 * is believed once it has gone on from there while the one before is silent (remember.ts).
 */
export const JUMP_MIN = 2 ** 22

/** Opens a sealed frame; null where key, address or bytes do not fit (4-byte MIC: one forgery in 2^32 passes). */
export const open = (frame: SealedFrame, key: string, address: string): Buffer | null =>
  openWith(frame, secretOf(key, address))

type Secret = { key: Buffer; nonce: Buffer }

function secretOf(key: string, address: string): Secret {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.write(address.replaceAll(':', ''), 0, 'hex')
  nonce.writeUInt16LE(BTHOME_UUID, 6)
  return { key: Buffer.from(key, 'hex'), nonce }
}

/** The bytes of each pendant's key, and of its nonces what is the same in all; as long as the site has the pendant. */
const secrets = new WeakMap<Pendant, Secret>()

function secretOfPendant(pendant: Pendant, key: string): Secret {
  const known = secrets.get(pendant)
  if (known !== undefined) return known
  const secret = secretOf(key, pendant.address)
  secrets.set(pendant, secret)
  return secret
}

function openWith(frame: SealedFrame, { key, nonce }: Secret): Buffer | null {
  nonce.writeUInt8(frame.info, 8)
  frame.counterBytes.copy(nonce, 9)
  const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: MIC_BYTES })
  decipher.setAuthTag(frame.mic)
  const plain = decipher.update(frame.ciphertext)
  try {
    decipher.final()
    return plain
  } catch {
    return null
  }
}

/**
 * Decides whether a frame is from this pendant and new. `last` is the highest counter believed so far (null: none),
 * `heardAtMs` when the radio heard this one by the gateway's clock (null: not known, MQTT delivered it again).
 */
export function authenticate(
  frame: SealedFrame | PlainFrame,
  pendant: Pendant,
  last: number | null,
  history: CounterHistory,
  heardAtMs: number | null,
): Authenticated {
  if (frame.is === 'plain') {
    if (pendant.key !== undefined) return refused('downgrade', 'a frame that is not sealed')
    return read(pendant, frame.objects, null, false)
  }
  if (pendant.key === undefined) return refused('wrong-key', 'a sealed frame from a pendant without a key')
  // Ours has one info byte; the nonce of any other is made with the one that came.
  if (frame.info !== INFO_SEALED_TRIGGER && pendant.bthome === undefined)
    return refused('malformed', `info byte 0x${frame.info.toString(16)}`)
  const plain = openWith(frame, secretOfPendant(pendant, pendant.key))
  if (plain === null) return refused('wrong-key', `counter ${frame.counter}, MIC does not fit`)
  const authentic = read(pendant, plain, frame.counter, last !== null && frame.counter < last)
  if (authentic.is === 'refused' || last === null) return authentic
  if (frame.counter - last > JUMP_MIN) return { ...authentic, isLate: true, suspect: 'counter-jump' }
  return frame.counter < last && wasSurpassedBefore(frame.counter, history, heardAtMs)
    ? { ...authentic, suspect: 'counter-behind' }
    : authentic
}

/**
 * True when a higher counter had been heard on the air well before this one was: then this one was played again, or another
 * sends it. What was heard by the process before this one was heard when this one started, at the latest.
 */
const wasSurpassedBefore = (counter: number, history: CounterHistory, heardAtMs: number | null): boolean =>
  heardAtMs !== null &&
  history.some(each => each.counter > counter && each.heardAtMs + LATE_SLACK_MS < heardAtMs)

function read(pendant: Pendant, plain: Buffer, counter: number | null, isLate: boolean): Authenticated {
  const objects = readObjects(plain)
  if (objects === null) return refused('malformed', `objects cut short: ${plain.toString('hex')}`)
  const isVerified = counter !== null
  const authentic = { is: 'authentic', counter, objects, isVerified, isLate, suspect: null } as const
  if (pendant.bthome !== undefined) return { ...authentic, alarm: null }
  const { alarm } = objects
  if (alarm === undefined) return refused('malformed', 'a frame without our alarm object')
  if (!isKnownAlarm(alarm)) return refused('unknown-kind', `version ${alarm.version}, kind ${alarm.kind}`)
  return { ...authentic, alarm }
}

const refused = (reason: FrameRefusal, came: string): Authenticated => ({ is: 'refused', reason, came })
