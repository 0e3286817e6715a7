// The mean level at which a receiver hears a pendant, from single packets: a scalar Kalman filter. Ten packets a second
// are averaged, one in two seconds is taken nearly as it is, and a level that was not heard again grows uncertain.

/** A level: its mean in dBm and its variance in dB squared. */
export type Level = { level: number; variance: number }

/** A level as uncertain as this says nothing about the room any more. */
export const VARIANCE_MAX = 120

/** What a level of `agoS` seconds ago is worth now. */
export const aged = (variance: number, agoS: number, driftPerS: number): number =>
  variance + Math.max(0, agoS) * driftPerS

/** How much of the difference a new packet moves the level. */
export const gainOf = (variance: number, fadingVariance: number): number =>
  variance / (variance + fadingVariance)

/** Reports of one packet by several receivers arrive within so long of each other; the next packet is later. */
export const ONE_PACKET_MS = 90
