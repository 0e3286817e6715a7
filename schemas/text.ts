// What may stand in a text of the site file that is shown, spoken or put into a SIP message. Contracts only; pure tests of text.
import { z } from 'zod'

/**
 * Control characters, line ends, and characters that show nothing or turn the line round (Unicode Cc, Cf, Zl, Zp, Cs, Co).
 * The two joiners are let through: names in Persian and in several Indian scripts are written with them.
 */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|(?![\u200c\u200d])\p{Cf}/u

/** A letter, digit, mark of punctuation or symbol, which shows something by itself: fillers, selectors and blank Braille do not. */
const SHOWS = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

/** Whether a text can be read on one line as it is stored. */
export const isVisible = (text: string): boolean =>
  !INVISIBLE.test(text) && (text.trim() === '' || SHOWS.test(text))

/**
 * Whether a door number is one that a speech engine reads and a person types: no digits but 0 to 9, and no wide, raised
 * or otherwise styled characters (Unicode NFKC would change those).
 */
export const hasPlainDigits = (text: string): boolean =>
  text.normalize('NFKC') === text.normalize('NFC') && !/(?![0-9])\p{N}/u.test(text)

const LINE_ENDS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g

/** The text on one line without what can't be seen; empty where nothing of it can. */
export function readable(text: string): string {
  const left = text.replace(LINE_ENDS, ' ').replace(new RegExp(INVISIBLE, 'gu'), '')
  return SHOWS.test(left) ? left : ''
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
const IPV4 = z.ipv4()
const IPV6 = z.ipv6()

/** A host name (RFC 1123; underscores as they occur), an IPv4 address, or an IPv6 address in brackets (RFC 3986, 3.2.2). */
export function isHost(text: string): boolean {
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1]
  if (bracketed !== undefined) return IPV6.safeParse(bracketed).success
  const labels = text.split('.')
  // What ends in a number is an address, or nothing (URL standard, "ends in a number").
  if (/^\d+$/.test(labels.at(-1) ?? '')) return IPV4.safeParse(text).success
  return text.length <= 253 && labels.every(label => LABEL.test(label))
}

/** Characters that show nothing, written out as \u{…}, so that a message shows what came. */
export const withInvisibleShown = (text: string): string =>
  text.replace(new RegExp(INVISIBLE, 'gu'), each => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`)

/** Whether it can be the user part of a SIP address, escaped where need be, and the name for a digest. */
export const isSipName = (text: string): boolean => isVisible(text) && !/["\\\s]/.test(text)

/** Whether a visible text can stand in quotes in a SIP header as it is (RFC 3261, 25.1, quoted-string). */
export const isSipText = (text: string): boolean => !/["\\]/.test(text)
