// The simulator's own parts as each other sees them, types only. Nothing of the gateway is known here: it is reached by the wire.

/** Milliseconds on the simulator's clock, and timers on it. Real time for `npm start`, stepped by hand in tests. */
export type SimClock = {
  nowMs(): number
  /** Calls `run` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}

/** One radio packet a pendant or a receiver sends: 31 bytes of AD structures at most. */
export type Advertisement = { address: string; data: Uint8Array; atMs: number; txPowerDbm: number }

export type Lights = { red: boolean; green: boolean; blue: boolean }

/** A board with the real firmware bundle running on it. */
/** In g, along the pendant's own axes: gravity is 1 upwards from the ground, whichever axis that is. */
export type Acceleration = { x: number; y: number; z: number }

export type PendantHost = {
  readonly address: string
  /** Puts the battery in: runs the bundle from its first line, with the Storage that was there before. */
  powerOn(): void
  /** Takes the battery out: timers, watches and RAM are gone; Storage stays. */
  powerOff(): void
  /** Drives a pin from outside. Puck.js: D1 reads 1 with the cord parted (pull-up), 0 with it in; BTN reads 1 pressed. */
  /** 'floating': nothing drives it, and no resistor: only the chip's own pull-up lifts it. */
  setPin(pin: string, level: 0 | 1 | 'floating'): void
  /** How the pendant is accelerated from now on; lying on its back and still until it is told. */
  move(acceleration: Acceleration): void
  /** Called for each packet that leaves the antenna. */
  onAdvertisement(listener: (advertisement: Advertisement) => void): void
  /** A packet on the air near the pendant; the firmware sees it only while it scans and its filter matches. */
  hear(advertisement: { address: string; data: Uint8Array; rssiDbm: number }): void
  lights(): Lights
  onLights(listener: (lights: Lights, atMs: number) => void): void
  /** What the firmware printed or threw, newest last, for the developer's page and for tests. */
  console(): readonly string[]
}

/** How the 5150 phone treats a call. 'down' closes its port; 'silent' never answers the INVITE beyond 100. */
export type PhoneMode = 'manual' | 'answer' | 'busy' | 'silent' | 'down'

export type PhoneCall = {
  /** SIP Call-ID. */
  id: string
  from: string
  state: 'ringing' | 'talking' | 'ended'
  invitedAtMs: number
  answeredAtMs?: number
  endedAtMs?: number
  /** Keys pressed on this phone so far, in order. */
  keys: string
  /** Seconds of sound heard so far. */
  heardSeconds: number
}

/** The telephone at extension 5150: takes calls straight from the gateway, with no PBX between. */
export type Phone = {
  /** host:port it listens on (TCP and UDP). */
  readonly address: { host: string; port: number }
  mode(): PhoneMode
  setMode(mode: PhoneMode): Promise<void>
  calls(): readonly PhoneCall[]
  onChange(listener: () => void): void
  /** Lifts the handset of the call with this Call-ID, or of the one that rings longest; a clear error where none rings. */
  answer(callId?: string): void
  hangUp(callId?: string): void
  /** Presses a key in the call it is talking in, by RFC 4733 (default) or SIP INFO. */
  press(key: string, by?: 'rfc4733' | 'info' | 'info-relay'): void
  /** Everything heard in a call so far: 16-bit mono samples at 8 kHz. */
  heard(callId: string): Int16Array
  close(): Promise<void>
}
