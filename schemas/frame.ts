// The bytes on the air: BTHome v2 service data from a pendant, and the sealed beacon back to it.
// Constants only, importing nothing, because the chip runs this file too.
// Source: bthome.io (format v2); Bluetooth Core Specification, Supplement (AD types).

/** AD type "Service Data - 16-bit UUID" and the BTHome UUID (0xFCD2, sent little-endian). */
export const AD_SERVICE_DATA = 0x16
export const BTHOME_UUID = 0xfcd2

/** BTHome device information byte: bit 0 encrypted, bit 2 trigger based, bits 5-7 version 2. */
export const INFO_PLAIN_TRIGGER = 0x44
export const INFO_SEALED_TRIGGER = 0x45

/** BTHome object ids that our frame carries, in the ascending order it carries them. */
export const OBJECT_PACKET_ID = 0x00
export const OBJECT_BATTERY = 0x01
export const OBJECT_BUTTON = 0x3a
export const OBJECT_RAW = 0x54

/** BTHome button events (object 0x3A). */
export const BUTTON_NONE = 0x00
export const BUTTON_PRESS = 0x01
export const BUTTON_DOUBLE = 0x02
export const BUTTON_TRIPLE = 0x03
export const BUTTON_LONG = 0x04
export const BUTTON_HOLD = 0x80

/**
 * Our alarm object: raw (0x54), length 3, then
 * byte 0 = version (high nibble) | kind (low nibble); byte 1 = alarm number; byte 2 = flags.
 * The alarm number is new for each new alarm and stays while it lasts; an idle frame carries the last one.
 */
export const ALARM_VERSION = 1
export const ALARM_LENGTH = 3
export const KIND_IDLE = 0
export const KIND_CORD = 1
export const KIND_BUTTON = 2
export const KIND_ASSIST = 3
export const KIND_MAN_DOWN = 4
export const KIND_DURESS = 5
export const KIND_CANCEL = 6
export const KIND_TEST = 7
export const KIND_OKAY = 8
/** An idle pendant asks, now and then, whether anybody would come: TOLD_ARMED or TOLD_NOT_ARMED is the answer. */
export const KIND_ASK = 9
/**
 * A duress whose pendant seems, to whoever looks at it, to ask (or to send an okay or a cancel, which ask too), or to be
 * tested. It is a duress in everything, under the duress's packet id, and is answered besides as an ask or a test is. To
 * every second of them KIND_DURESS_TURN is added (12 and 13), which tells one from the next in place of a packet id;
 * after two seconds in which nothing was heard each is a new one, for there may have been one between.
 */
export const KIND_DURESS_ASKING = 10
export const KIND_DURESS_TESTING = 11
export const KIND_DURESS_TURN = 2

/**
 * Kinds 1 to 5 and 10 to 13 are alarms. The others are events: a cancel, a test, an okay or an ask is sent for some seconds
 * under one packet id, which is new for each, and carries the number of the last alarm (a cancel: of the alarm that it is
 * about). An okay and a cancel ask as well, so that the wearer sees whether they were heard.
 */

/** Alarm object flags: the lower half of the byte. */
export const FLAG_CORD_PARTED = 0x01
export const FLAG_BATTERY_LOW = 0x02
export const FLAG_FAULT = 0x04
export const FLAG_TOLD = 0x08

/**
 * The upper half: how long the battery will last. 0 is not known; code n of 1 to 6 is fewer than DAYS_LEFT_BOUNDS[n-1]
 * days; 7 is as many as the last bound or more.
 */
export const DAYS_LEFT_SHIFT = 4
export const DAYS_LEFT_MASK = 0xf0
export const DAYS_LEFT_BOUNDS = [7, 14, 30, 60, 90, 180]

/** AES-128-CCM as BTHome uses it: nonce = address(6, as printed) | D2 FC | info | counter(4, little-endian). */
export const MIC_BYTES = 4
export const COUNTER_BYTES = 4
export const NONCE_BYTES = 13
export const KEY_BYTES = 16

/**
 * The beacon back to the wearer: manufacturer data (AD type 0xFF) of company 0x0590 (the maker of the pendants'
 * chip firmware), then
 * byte 0 = BEACON_TYPE | bytes 1-2 = last two bytes of the pendant's address as printed |
 * bytes 3-6 = counter, little-endian | 6 sealed bytes | MIC(4).
 * Sealed: told(1) | alarm number(1) | frame counter(4, little-endian), the newest frame of this alarm the gateway opened.
 * AES-128-CCM with the pendant's key, no AAD; nonce = address(6) | 90 05 | BEACON_TYPE | counter(4, little-endian).
 * A pendant believes it only if its counter is higher than the last believed one, the alarm number is the current
 * alarm's, and the frame counter lies between this alarm's first and its newest: so an old beacon is never believed.
 */
export const AD_MANUFACTURER = 0xff
export const BEACON_COMPANY = 0x0590
export const BEACON_TYPE = 0xb1
export const BEACON_SEALED_BYTES = 6
export const BEACON_BYTES = 17

/** What a beacon tells the wearer. The newest that is believed counts: whoever had it may have given it back. */
export const TOLD_NOTHING = 0
export const TOLD_HEARD = 1
export const TOLD_STORED = 2
export const TOLD_ACKNOWLEDGED = 3
export const TOLD_COMING = 4
export const TOLD_RESOLVED = 5
/**
 * Only about a test, and nothing else is ever told about one: the gateway opened its frames and wrote the test down.
 * A pendant believes it by the same rule, with the frames of its test in place of those of an alarm, and only in a test.
 */
export const TOLD_TEST_PASSED = 6
/**
 * Only about an ask, an okay or a cancel, believed by the same rule with the frames of that one. Armed: the gateway opened
 * them, and desk and phone are proven. Not armed: it opened them, and nobody can be reached. No answer at all: nobody is
 * listening, and nothing was taken.
 */
export const TOLD_ARMED = 7
export const TOLD_NOT_ARMED = 8
