// New firmware and settings for a pendant over its console. In: a console, a program, settings. Out: a pendant that
// runs them. Promises: whatever it runs stays live until the new is whole and read back; cut anywhere, the next run
// goes on; if the new one does not come up, the old one is made live again.
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { SETTINGS_FILE } from '../storage/settings.ts'
import type { ChipConsole } from './console.ts'
import {
  addressOf,
  chipOf,
  newestWhole,
  runningOn,
  type SlotState,
  type Stored,
  storedOn,
} from './inspect.ts'
import { LOADER, LOADER_FILE, OTHER_STARTS, PENDING_FILE, SLOTS, slotBody, slotSeal } from './loader.ts'
import { fileOn, isKept, keepPiece, NotKept, pieceOf, put, quoted } from './transfer.ts'

/** This is not a pendant that this can be put on. */
export class WrongPendant extends Error {
  override readonly name = 'WrongPendant'
}

/** It was all written, and the pendant does not run it. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning'
}

/** The settings to be written: their text, and the id in it. */
export type SettingsText = { id: string; text: string }

export type Order = {
  /** As `process.env.BOARD` has it: "PUCKJS". */
  board: string
  /** The program as flash holds it; null leaves the firmware alone. */
  program: Uint8Array | null
  settings: SettingsText
  /** Gets each step in words, never a key. */
  told: (what: string) => void
}

export type Flashed = {
  address: string
  id: string
  firmware: string
  wroteFirmware: boolean
  wroteSettings: boolean
}

/** Before 2v26 the chip adds its maker to what we advertise, and there is no saying no [ESPRUINO.md, Advertising]. */
const VERSION_MIN = { major: 2, minor: 26 }
const HEADER_BYTES = 32
/** For marks, pending settings and the rest while two programs lie side by side. */
const SPARE_BYTES = 1024
const SEAL_BYTES = 4
const REBOOT = 'E.reboot()'
/** The line that starts it anew has no answer, and where it came garbled nothing happens. */
const RESTARTS_MAX = 3

const checkChip = async (chip: ChipConsole, board: string): Promise<void> => {
  const { board: came, version, lacks } = await chipOf(chip)
  if (came !== board) throw new WrongPendant(`expected the board ${board}, came ${came}`)
  const [, major, minor] = /^(\d+)v(\d+)/.exec(version) ?? []
  const isNew =
    Number(major) > VERSION_MIN.major ||
    (Number(major) === VERSION_MIN.major && Number(minor) >= VERSION_MIN.minor)
  if (!isNew) {
    throw new WrongPendant(
      `expected Espruino ${VERSION_MIN.major}v${VERSION_MIN.minor} or newer, came ${version}`,
    )
  }
  if (lacks.length > 0)
    throw new WrongPendant(`expected an Espruino with ${lacks.join(', ')}, and it has none`)
}

const checkRoom = async (chip: ChipConsole, bytes: number): Promise<void> => {
  const free = async (): Promise<number> => z.number().parse(await chip.ask('require("Storage").getFree()'))
  const needed = bytes + HEADER_BYTES + SPARE_BYTES
  if ((await free()) >= needed) return
  await chip.ask('(require("Storage").compact(),1)', { timeoutMs: 30_000 })
  const left = await free()
  if (left < needed) throw new WrongPendant(`expected ${needed} bytes free beside what it runs, came ${left}`)
}

/** The slot for a new program, its number, and the one that stays live meanwhile. */
const placeFor = (stored: Stored) => {
  const old = newestWhole(stored.slots)
  const name = SLOTS.find(slot => slot !== old?.name) ?? SLOTS[0]
  return { name, seq: (old?.seq ?? 0) + 1, old }
}

const holds = (slot: SlotState, program: Uint8Array): boolean =>
  slot.crc === crc32(slotBody(program, slot.seq))

/** Writes the program into the free slot, all but its seal. The answer seals it. */
const putProgram = async (chip: ChipConsole, stored: Stored, order: Order & { program: Uint8Array }) => {
  const { name, seq } = placeFor(stored)
  const body = slotBody(order.program, seq)
  const isBegun = stored.files.includes(name)
  if (!isBegun) await checkRoom(chip, body.length + SEAL_BYTES)
  order.told(`writing ${body.length} bytes of firmware to ${name}`)
  await put(chip, name, body, body.length + SEAL_BYTES)
  const seal = slotSeal(body)
  return async (): Promise<void> => {
    await keepPiece(chip, name, pieceOf(seal, body.length), body.length + SEAL_BYTES)
    const sealed = Buffer.concat([body, seal])
    if (!isKept(await fileOn(chip, name), sealed)) throw new NotKept(`expected ${name} to keep its seal`)
    order.told(`${name} is whole: CRC-32 ${crc32(body).toString(16)}`)
  }
}

/** Settings go beside the old ones; the loader moves them at the next start. The answer is whether there was need. */
const putSettings = async (
  chip: ChipConsole,
  stored: Stored,
  { settings, told }: Order,
): Promise<boolean> => {
  const data = Buffer.from(settings.text)
  const isThere = isKept(await fileOn(chip, SETTINGS_FILE), data)
  if (isThere && !stored.hasPendingSettings) return false
  const write = `if(E.CRC32(d)==${crc32(data)})s.write(${quoted(PENDING_FILE)},d)`
  const read = `E.CRC32(s.read(${quoted(PENDING_FILE)}))`
  const asked = `(function(s,d){${write};return ${read}})(require("Storage"),atob("${data.toString('base64')}"))`
  if ((await chip.ask(asked, { isSecret: true })) !== crc32(data)) {
    throw new NotKept('expected the chip to keep the settings as they are, and it keeps others')
  }
  told(`settings of ${settings.id} are written and read back`)
  return true
}

const putLoader = async (chip: ChipConsole, stored: Stored, told: (what: string) => void): Promise<void> => {
  if (stored.hasLoader) return
  const data = Buffer.from(LOADER)
  await put(chip, LOADER_FILE, data, data.length)
  told('the loader is written and read back')
}

/**
 * Starts it anew. Saved code that stood before the loader goes in the same line, because erasing what runs takes the
 * functions from under it; the last of them to go is the switch.
 */
const restart = async (chip: ChipConsole, isSwitching: boolean): Promise<void> => {
  const erasing = isSwitching
    ? OTHER_STARTS.map(name => `if(s.read(${quoted(name)},0,1)!==undefined)s.erase(${quoted(name)});`).join(
        '',
      )
    : ''
  // Gone after the start, so that the answers before it are not taken for answers after it.
  await chip.ask('(global.tocsinLeaves=1)')
  for (let i = 0; i < RESTARTS_MAX; i++) {
    await chip.tell(`(function(s){${erasing}${REBOOT}})(require("Storage"))`)
    await chip.waitForStart()
    if ((await chip.ask('typeof tocsinLeaves')) === 'undefined') return
  }
  throw new NotRunning('expected the pendant to start anew, and it did not')
}

/** Throws NotRunning where the pendant is not, or not as, what was flashed. */
const checkRunning = async (chip: ChipConsole, id: string, text: string): Promise<void> => {
  if (!isKept(await fileOn(chip, SETTINGS_FILE), Buffer.from(text))) {
    throw new NotRunning(`expected the loader to put the settings of ${id} into place, and it did not`)
  }
  const running = await runningOn(chip)
  if (running === null)
    throw new NotRunning('expected the firmware to run and say who it is, and it says nothing')
  if (running.id !== id) throw new NotRunning(`expected the pendant to be ${id}, came "${running.id}"`)
  if (running.fault !== null) throw new NotRunning(`expected ${id} to be well, came: ${running.fault}`)
}

const eraseAll = async (chip: ChipConsole, names: readonly string[]): Promise<void> => {
  for (const name of names) await chip.ask(`(require("Storage").erase(${quoted(name)}),1)`)
}

const turnBack = async (chip: ChipConsole, slot: SlotState, cause: unknown): Promise<never> => {
  await eraseAll(chip, [slot.name])
  await restart(chip, false)
  const why = cause instanceof Error ? cause.message : String(cause)
  throw new NotRunning(`${why}. It runs the firmware again that it had before`, { cause })
}

/** Whether what runs is what would start: after a switch the other slot is erased, and only then. */
const isSettled = async (chip: ChipConsole, stored: Stored): Promise<boolean> =>
  stored.slots.length === 1 && (await runningOn(chip)) !== null

/** Does what the order says. Throws WrongPendant, NotRunning, NotKept, and what the console throws. */
export const flash = async (chip: ChipConsole, order: Order): Promise<Flashed> => {
  const { board, program, settings, told } = order
  await chip.wake()
  await checkChip(chip, board)
  const address = await addressOf(chip)
  const stored = await storedOn(chip)
  const before = newestWhole(stored.slots)
  if (program === null && (before === null || !stored.hasLoader || stored.otherStarts.length > 0)) {
    throw new WrongPendant(
      'expected a pendant with firmware of ours for a change of settings alone, came none',
    )
  }
  const isThere = program === null || (before !== null && holds(before, program))
  const seal = isThere || program === null ? null : await putProgram(chip, stored, { ...order, program })
  const wroteSettings = await putSettings(chip, stored, order)
  if (program !== null) await putLoader(chip, stored, told)
  await seal?.()
  const isSwitching = program !== null && stored.otherStarts.length > 0
  if (isSwitching || seal !== null || wroteSettings || !(await isSettled(chip, stored))) {
    told('starting it anew')
    await restart(chip, isSwitching)
  }
  const now = newestWhole((await storedOn(chip)).slots)
  if (now === null) throw new NotRunning('expected whole firmware in the pendant, came none')
  try {
    await checkRunning(chip, settings.id, settings.text)
  } catch (error) {
    if (seal === null || before === null || !(error instanceof NotRunning)) throw error
    return turnBack(chip, now, error)
  }
  await eraseAll(
    chip,
    SLOTS.filter(name => name !== now.name && stored.files.includes(name)),
  )
  told(`${settings.id} runs`)
  return {
    address,
    id: settings.id,
    firmware: now.crc.toString(16).padStart(8, '0'),
    wroteFirmware: seal !== null,
    wroteSettings,
  }
}
