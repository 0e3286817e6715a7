// Why a CONNECT was refused before its password counted, in words that say what to set: protocol version, keepalive, client id.
// Pure. In: what it said, and the code that the broker answered (MQTT 3.1.1 §3.2.2.3; 6 is aedes' own).
import type { Claim } from './connection.ts'
import { quoted } from './intake.ts'

const MQTT_3_1_1 = 4
/** A receiver that is gone without a word is noticed after one and a half of the keepalive it promised. */
export const KEEPALIVE_S_MAX = 120
/** MQTT 3.1 has shorter client ids than 3.1.1; ours carry the account before them. */
export const CLIENT_ID_MAX = 128

type Connect = { username?: string; protocolVersion?: number; keepalive?: number; clientId: string }

export const claimOf = ({
  username = '',
  protocolVersion = MQTT_3_1_1,
  keepalive = 0,
  clientId,
}: Connect): Claim => ({
  username,
  protocolVersion,
  keepalive,
  clientIdLength: clientId.length,
})

/** Null where it ended for another reason. */
export function handshakeAmiss(claim: Claim, error: Error): string | null {
  const who = `Who calls itself ${quoted(claim.username)}`
  switch ('errorCode' in error ? error.errorCode : 0) {
    case 1:
      return `${who}: expected MQTT 3.1.1 (protocol version 4), came version ${claim.protocolVersion}`
    case 2:
      return `${who}: expected a client id of at most ${CLIENT_ID_MAX} characters, came ${claim.clientIdLength}`
    case 6:
      return `${who}: expected a keepalive of 1 to ${KEEPALIVE_S_MAX} s, came ${claim.keepalive}`
    default:
      return null
  }
}
