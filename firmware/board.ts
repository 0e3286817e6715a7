// The port: everything the firmware asks of a board. A board is a file in boards/; the simulator runs the
// same built bundle, so it stands below this port, at the chip's own API.

/** What a sounding of the cord's pad finds: closed; parted; parted, and only the chip's own pull-up shows it. */
export const SOUND_WELL = 0
export const SOUND_PARTED = 1
export const SOUND_LOOSE = 2

/** What tells of movement: nothing; a pendant that hangs by its cord; a watch, which has no upright. */
export const MOTION_NONE = 0
export const MOTION_HUNG = 1
export const MOTION_WORN = 2

/** How the wearer may be told, by the setting `telling`. None of these boards has anything to make a sound with. */
export const TELL_LIGHTS = 1
export const TELL_FEEL = 2

/** AES-128 on whole blocks as Puck.js has it: no padding, output as long as the input. */
export type Aes = {
  /**
   * In CBC with an all-zero initialisation vector, so that the last block is the CBC-MAC; or each block by itself. A function
   * that does without its `this`.
   */
  encrypt(blocks: Uint8Array, key: Uint8Array, options?: { mode: 'ECB' }): ArrayBufferLike
  /**
   * Where AES is slow: works out, while idle, what the frames after this one will ask for. `mac` is the message that the
   * frame was sealed from: its first block and its text. Only a hint, and the newest counts.
   */
  ahead?(mac: Uint8Array): void
}

export type Board = {
  /** Milliseconds that only go forward; the chip's clock since power-on serves. */
  nowMs(): number
  /** Six bytes of the Bluetooth address, in the order it is printed. */
  address(): number[]
  batteryPercent(): number
  /** The file's bytes as a string of characters 0-255; undefined where there is none. */
  readFile(name: string): string | undefined
  /** True only when the file is wholly there afterwards. Never throws. */
  writeFile(name: string, text: string): boolean
  /** Writes into a part of a file that is blank (0xff) still. True only when it is there afterwards. Never throws. */
  fillFile(name: string, text: string, at: number): boolean
  /**
   * Frees the room of erased files where little is left. It takes a second or two, so that it is done while idle and
   * never falls into the write that stands before an alarm.
   */
  tidyFiles(): void
  aes: Aes
  /** Settings whose defaults are others on this board than in settings.ts. */
  defaults?: Readonly<Record<string, number>> | undefined
  /** What it draws while idle, in uA, beyond what current.ts says, which is a Puck.js. */
  extraUa?: number | undefined
  /**
   * Repeats these 31 bytes at most, non-connectable, every `intervalMs` (100 ms at least), until told otherwise. Of a list the
   * first goes out, then the first again, and from then on each in turn; its bytes must stay as they are. May throw.
   */
  advertise(data: Uint8Array | Uint8Array[], intervalMs: number): void
  setTxPower(dbm: number): void
  /** Listens for beacons; `heard` gets the manufacturer data after the company number. Null stops listening. */
  scan(heard: ((data: Uint8Array) => void) | null): void
  /** Follows the cord; `run` gets each settled change, 1 for parted. The answer is how it is now. */
  watchCord(debounceMs: number, run: (isParted: number) => void): number
  /** The chip's own pull-up at the cord's pad: on, or off where a resistor lifts it (firmware/WIRING.md). */
  pullCord(isPulled: boolean): void
  /**
   * Asks the pad with the chip's own pull-up on for just that long, because without it a pad whose resistor is missing may
   * read as closed, whatever the cord does. The answer is a SOUND_.
   */
  soundCord(): number
  watchButton(debounceMs: number, run: (isDown: number) => void): number
  /**
   * Where there is an accelerometer, and asked for only where `manDown` is on: `run` gets what it feels, in thousandths of
   * g, about 1.6 times a second from then on. The answer is a MOTION_. Never throws.
   */
  watchMotion?: ((run: (x: number, y: number, z: number) => void) => number) | undefined
  /** RED | GREEN | BLUE of lights.ts. */
  lights(colours: number): void
  /**
   * Where there is a screen or a motor: what the lights say, as a MOOD_ number, each time it changes. `telling`, the
   * setting: TELL_LIGHTS on a screen alone, TELL_FEEL with the motor too; where it is 0 neither this nor `lights` is called.
   */
  show?: ((mood: number, telling: number) => void) | undefined
  /** Calls `run` once after `delayMs`, in place of what the call before asked for. It is the same `run` each time. */
  wake(delayMs: number, run: () => void): void
  /** Resets the chip when its own idle loop is not reached for this long. */
  watchdog(seconds: number): void
  /** Anything thrown that nobody caught. */
  onUncaught(run: (what: string) => void): void
  log(text: string): void
}
