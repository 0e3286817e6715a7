// One file into the chip's Storage, piece by piece, each read back and compared by its CRC-32. What an earlier run left
// behind is gone on with where it is right, and begun again where it is not.
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { ChipConsole } from './console.ts'

/** The chip keeps other bytes than it was given. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

/** 512 characters of base64: some 60 of the chip's variables for the line, and as many for the bytes. */
const PIECE_BYTES = 384
const ERASED = 0xff
const BEGINNINGS_MAX = 3
const SENDINGS_MAX = 3
/** A CRC of a whole slot, done by the interpreter's own code, takes tens of ms; a compaction may come between. */
const SLOW_MS = 12_000

export const quoted = (text: string): string => JSON.stringify(text)

const Kept = z.tuple([z.number(), z.number()]).nullable()
export type KeptFile = { bytes: number; crc: number } | null

/** Length and CRC-32 of a file of the chip; null where there is none. */
export const fileOn = async (chip: ChipConsole, name: string): Promise<KeptFile> => {
  const asked = `(function(f){return f===undefined?null:[f.length,E.CRC32(f)]})(require("Storage").read(${quoted(name)}))`
  const kept = Kept.parse(await chip.ask(asked, { timeoutMs: SLOW_MS }))
  return kept === null ? null : { bytes: kept[0], crc: kept[1] }
}

export const isKept = (kept: KeptFile, data: Uint8Array): boolean =>
  kept !== null && kept.bytes === data.length && kept.crc === crc32(data)

const Crcs = z.array(z.number())

/** CRC-32 of each piece of the first `bytes` bytes of a file that is there. */
const piecesOn = async (chip: ChipConsole, name: string, bytes: number): Promise<number[]> => {
  const each = `r.push(E.CRC32(s.read(${quoted(name)},i,Math.min(${PIECE_BYTES},${bytes}-i))))`
  const asked = `(function(){var s=require("Storage"),r=[];for(var i=0;i<${bytes};i+=${PIECE_BYTES})${each};return r})()`
  return Crcs.parse(await chip.ask(asked, { timeoutMs: SLOW_MS }))
}

export type Piece = { offset: number; data: Buffer; crc: number; blank: number }

export const pieceOf = (data: Buffer, offset: number): Piece => {
  return { offset, data, crc: crc32(data), blank: crc32(Buffer.alloc(data.length, ERASED)) }
}

const piecesOf = (data: Buffer): Piece[] => {
  const pieces: Piece[] = []
  for (let offset = 0; offset < data.length; offset += PIECE_BYTES) {
    const part = data.subarray(offset, offset + PIECE_BYTES)
    pieces.push(pieceOf(part, offset))
  }
  return pieces
}

/**
 * Writes one piece and answers the CRC of what is kept then. The first piece makes the file. Not where it is there
 * already, because flash is written only where it is erased; nor where it was garbled on the way, for the same reason.
 */
const writePiece = (chip: ChipConsole, name: string, piece: Piece, size: number): Promise<unknown> => {
  const { offset, crc } = piece
  const read = `E.CRC32(s.read(${quoted(name)},${offset},${piece.data.length}))`
  const write = `s.write(${quoted(name)},d,${offset},${size})`
  const body = `if(${read}!=${crc}&&E.CRC32(d)==${crc})${write};return ${read}`
  const data = `atob("${piece.data.toString('base64')}")`
  return chip.ask(`(function(s,d){${body}})(require("Storage"),${data})`, { timeoutMs: SLOW_MS })
}

/** As `writePiece`, again where it came garbled; false where the flash holds something else. */
export const keepPiece = async (
  chip: ChipConsole,
  name: string,
  piece: Piece,
  size: number,
): Promise<boolean> => {
  for (let i = 0; i < SENDINGS_MAX; i++) {
    if ((await writePiece(chip, name, piece, size)) === piece.crc) return true
  }
  return false
}

/** A seal that was cut in two cannot be written again, and the file has to be begun anew. */
const isBlank = async (chip: ChipConsole, name: string, offset: number, bytes: number): Promise<boolean> => {
  const asked = `E.CRC32(require("Storage").read(${quoted(name)},${offset},${bytes}))`
  return (await chip.ask(asked)) === crc32(Buffer.alloc(bytes, ERASED))
}

/** What of the file an earlier run left: which pieces are right; null where it has to be begun again. */
const leftOver = async (
  chip: ChipConsole,
  name: string,
  pieces: readonly Piece[],
  bytes: number,
  size: number,
): Promise<boolean[] | null> => {
  const kept = await fileOn(chip, name)
  if (kept === null || kept.bytes !== size) return null
  if (size > bytes && !(await isBlank(chip, name, bytes, size - bytes))) return null
  const crcs = await piecesOn(chip, name, bytes)
  const isUsable = pieces.every(({ crc, blank }, i) => crcs[i] === crc || crcs[i] === blank)
  return isUsable ? pieces.map(({ crc }, i) => crcs[i] === crc) : null
}

const erase = (chip: ChipConsole, name: string): Promise<unknown> =>
  chip.ask(`(require("Storage").erase(${quoted(name)}),1)`)

/**
 * Makes `name` hold `data` and then blank bytes up to `size`. Throws NotKept, and what the console throws.
 * `told` gets how many bytes are there.
 */
export const put = async (
  chip: ChipConsole,
  name: string,
  data: Buffer,
  size: number,
  told: (bytes: number) => void = () => {},
): Promise<void> => {
  const pieces = piecesOf(data)
  for (let i = 0; i < BEGINNINGS_MAX; i++) {
    const left = await leftOver(chip, name, pieces, data.length, size)
    if (left === null && (await fileOn(chip, name)) !== null) await erase(chip, name)
    if (await fill(chip, name, pieces, left, size, told)) return
  }
  throw new NotKept(
    `expected the chip to keep ${data.length} bytes in ${name} as they are, and it keeps others`,
  )
}

const fill = async (
  chip: ChipConsole,
  name: string,
  pieces: readonly Piece[],
  left: readonly boolean[] | null,
  size: number,
  told: (bytes: number) => void,
): Promise<boolean> => {
  for (const [i, piece] of pieces.entries()) {
    if (left?.[i] !== true && !(await keepPiece(chip, name, piece, size))) return false
    told(piece.offset + piece.data.length)
  }
  const crcs = await piecesOn(chip, name, (pieces.at(-1)?.offset ?? 0) + (pieces.at(-1)?.data.length ?? 0))
  return pieces.every(({ crc }, i) => crcs[i] === crc)
}
