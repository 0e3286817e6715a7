// What a pendant says of itself on its console: board, address, what is in its Storage, how the firmware is. Only asks,
// never changes anything, and never asks for the key.
import { z } from 'zod'
import { MARK_FILES, readMarks } from '../storage/mark.ts'
import { SETTINGS_FILE } from '../storage/settings.ts'
import type { ChipConsole } from './console.ts'
import { LOADER, LOADER_FILE, OTHER_STARTS, PENDING_FILE, SLOTS, type SlotName } from './loader.ts'
import { fileOn, isKept, quoted } from './transfer.ts'

const Env = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()])
export type Chip = { board: string; version: string; lacks: string[] }

/** Which chip this is and what of it flashing needs and it lacks. */
export const chipOf = async (chip: ChipConsole): Promise<Chip> => {
  const asked = '[process.env.BOARD,process.env.VERSION,typeof E.CRC32,typeof atob,typeof E.reboot]'
  const [board, version, ...kinds] = Env.parse(await chip.ask(asked))
  const names = ['E.CRC32', 'atob', 'E.reboot']
  return { board, version, lacks: names.filter((_, i) => kinds[i] !== 'function') }
}

const ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}/

/** The Bluetooth address as printed; some builds add its kind behind it. */
export const addressOf = async (chip: ChipConsole): Promise<string> => {
  const printed = z.string().parse(await chip.ask('""+NRF.getAddress()'))
  const address = ADDRESS.exec(printed.toLowerCase())?.[0]
  if (address === undefined)
    throw new Error(`expected NRF.getAddress() to be like c7:f9:36:dd:b0:ca, came ${printed}`)
  return address
}

const Slot = z.tuple([z.number(), z.number(), z.number().nullable(), z.string()]).nullable()
/** `isWhole`: sealed, and the seal fits. `crc` is over all but the seal. */
export type SlotState = { name: SlotName; seq: number; crc: number; isWhole: boolean }

const slotOn = async (chip: ChipConsole, name: SlotName): Promise<SlotState | null> => {
  const parts = `[f.length,E.CRC32(s.read(n,0,z)),new Uint32Array(E.toArrayBuffer(s.read(n,z,4)))[0],s.read(n,z-4,4)]`
  const body = `var f=s.read(n);if(f===undefined||f.length<12)return null;var z=f.length-4;return ${parts}`
  const asked = `(function(s,n){${body}})(require("Storage"),${quoted(name)})`
  const found = Slot.parse(await chip.ask(asked))
  if (found === null) return null
  const [, crc, seal, digits] = found
  const seq = /^\d{4}$/.test(digits) ? Number(digits) : -1
  return { name, seq, crc, isWhole: seal === crc && seq >= 0 }
}

const Names = z.array(z.string())

export type Stored = {
  files: string[]
  slots: SlotState[]
  hasLoader: boolean
  /** Saved code that stands before our loader. */
  otherStarts: string[]
  hasPendingSettings: boolean
}

/** What starts at power-on, and what is on its way. */
export const storedOn = async (chip: ChipConsole): Promise<Stored> => {
  const files = Names.parse(await chip.ask('require("Storage").list()'))
  const slots: SlotState[] = []
  for (const name of SLOTS) {
    const slot = files.includes(name) ? await slotOn(chip, name) : null
    if (slot !== null) slots.push(slot)
  }
  return {
    files,
    slots,
    hasLoader: isKept(await fileOn(chip, LOADER_FILE), Buffer.from(LOADER)),
    otherStarts: OTHER_STARTS.filter(name => files.includes(name)),
    hasPendingSettings: files.includes(PENDING_FILE),
  }
}

/** The slot that the loader starts; null where it starts none. */
export const liveSlot = ({ slots, hasLoader, otherStarts }: Stored): SlotState | null => {
  if (!hasLoader || otherStarts.length > 0) return null
  return newestWhole(slots)
}

export const newestWhole = (slots: readonly SlotState[]): SlotState | null =>
  slots.filter(({ isWhole }) => isWhole).sort((a, b) => b.seq - a.seq)[0] ?? null

const Running = z.object({
  id: z.string(),
  counter: z.number(),
  number: z.number(),
  battery: z.number(),
  inAlarm: z.boolean(),
  fault: z.string().nullable(),
  flags: z.array(z.string()),
})
export type Running = z.infer<typeof Running>

/** What the running firmware says of itself; null where none runs that says anything. */
export const runningOn = async (chip: ChipConsole): Promise<Running | null> => {
  const said = await chip.ask('typeof tocsin=="function"?tocsin():null')
  return said === null ? null : Running.parse(said)
}

export type Pendant = {
  chip: Chip
  address: string
  /** As its settings name it; empty where there are none. */
  id: string
  firmware: SlotState | null
  stored: Stored
  running: Running | null
  /** Counters below, and alarm numbers up to, these may have been on the air; null where the flash knows none. */
  mark: { counter: number; number: number } | null
  freeBytes: number
}

const nameIn = async (chip: ChipConsole): Promise<string> => {
  const id = `JSON.parse(require("Storage").read(${quoted(SETTINGS_FILE)})).id`
  const asked = `(function(){try{var i=${id};return typeof i=="string"?i:""}catch(e){return""}})()`
  return z.string().parse(await chip.ask(asked))
}

const markOn = async (chip: ChipConsole): Promise<Pendant['mark']> => {
  const texts = MARK_FILES.map(name => `require("Storage").read(${quoted(name)})`).map(read => `${read}||""`)
  const kept = Names.parse(await chip.ask(`[${texts.join(',')}]`))
  const { seq, counter, number } = readMarks({
    readFile: name => kept[MARK_FILES.indexOf(name)] || undefined,
  })
  return seq === 0 ? null : { counter, number }
}

/** Everything a pendant tells. Throws what the console throws. */
export const inspect = async (chip: ChipConsole): Promise<Pendant> => {
  await chip.wake()
  const known = await chipOf(chip)
  const stored = await storedOn(chip)
  return {
    chip: known,
    address: await addressOf(chip),
    id: await nameIn(chip),
    firmware: liveSlot(stored),
    stored,
    running: await runningOn(chip),
    mark: await markOn(chip),
    freeBytes: z.number().parse(await chip.ask('require("Storage").getFree()')),
  }
}
