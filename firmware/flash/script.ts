// Firmware and settings as a script for the console of a board that no cable reaches: somebody sends it with Espruino's Web
// IDE, over Bluetooth. In: board, program, settings. Out: lines, each whole by itself, that do on the chip what `flash`
// does from here: the free slot, read back; settings; the loader; the seal; and a start anew. A console loses letters and
// lines: each stands under its number and a CRC-32, and after one that did not come as it was sent none does anything more.
import { crc32 } from 'node:zlib'
import type { SettingsText } from './flash.ts'
import { LOADER, LOADER_FILE, OTHER_STARTS, PENDING_FILE, SLOTS } from './loader.ts'
import { quoted } from './transfer.ts'

export type ScriptOrder = {
  /** As `process.env.BOARD` has it. */
  board: string
  program: Uint8Array
  settings: SettingsText
  /** So long after the word that all is well it starts anew, so that somebody can read it. */
  restartMs?: number
}

/** Some 700 characters a line: the IDE sends them one by one. */
const PIECE_BYTES = 512
const WORD = 4

/** What the last line prints in front of why; without it, and without the word that all is well, the script is sent again. */
export const NOT_FLASHED = 'NOT FLASHED: '

const crcOf = (text: string): number => crc32(Buffer.from(text, 'latin1'))
const checked = (text: string): string => `${JSON.stringify(text)},${crcOf(text)}`

/**
 * The state between two lines is one global, `T`: `x` lines have come, and `why` it stopped. `l` runs a line that came as it
 * was sent, after those before it. One that is sent twice does no harm.
 */
const FIRST = `(function(q,c){if(E.CRC32(q)==c)eval(q);else{global.T=undefined;print("${NOT_FLASHED}line 1 came garbled")}})(${checked(
  'global.T={s:require("Storage"),q:0,n:"",why:"",x:1,l:function(i,q,c){' +
    'if(T.why)return;' +
    'if(E.CRC32(q)!=c)T.why="line "+i+" came garbled";' +
    'else if(i>T.x+1)T.why="line "+(T.x+1)+" did not come";' +
    'else{if(i>T.x)T.x=i;eval(q)}}}',
)});`

const numbered = (line: string, i: number): string => `T.l(${i + 2},${checked(line)});`

/** Says what is wrong, and then nothing is made live that is not whole. */
const begin = (board: string): string[] => [
  // The slot to write is the one that does not run now; what is in it is given up.
  `if(process.env.BOARD!=${quoted(board)})T.why="expected the board ${board}, came "+process.env.BOARD`,
  `T.n=${quoted(SLOTS[0])};${JSON.stringify(SLOTS)}.forEach(function(n){var s=T.s,f=s.read(n);if(f===undefined||f.length<12)return;var z=f.length-4,k=parseInt(s.read(n,z-4,4),10);if(k>T.q&&E.CRC32(s.read(n,0,z))==new Uint32Array(E.toArrayBuffer(s.read(n,z,4)))[0]){T.q=k;T.n=n==${quoted(SLOTS[0])}?${quoted(SLOTS[1])}:${quoted(SLOTS[0])}}})`,
  'T.k=T.q+1;T.s.erase(T.n)',
  'T.w=function(n,d,o,z,c){if(E.CRC32(T.s.read(n,o,d.length))!=c)T.s.write(n,d,o,z);if(E.CRC32(T.s.read(n,o,d.length))!=c)T.why="the flash keeps other bytes"}',
]

/** One piece of a file; `name` is an expression of the chip's. */
const piece = (name: string, data: Uint8Array, offset: number, size: number): string =>
  `T.w(${name},atob('${Buffer.from(data).toString('base64')}'),${offset},${size},${crc32(data)})`

const pieces = (name: string, data: Uint8Array, size: number): string[] =>
  Array.from({ length: Math.ceil(data.length / PIECE_BYTES) }, (_, i) => {
    const offset = i * PIECE_BYTES
    return piece(name, data.subarray(offset, offset + PIECE_BYTES), offset, size)
  })

/** `what` says what stands there where `isWhole`, an expression, is not so. */
const unless = (isWhole: string, what: string): string =>
  `if(!(${isWhole}))T.why="the flash keeps another ${what}"`
const isKept = (name: string, data: Uint8Array): string => `E.CRC32(T.s.read(${name}))==${crc32(data)}`

/**
 * The lines; they hold the pendant's key. The last one says how it went and starts the chip anew, and only if all before it
 * went well.
 */
export function flashScript({ board, program, settings, restartMs = 2000 }: ScriptOrder): string {
  const padding = Buffer.alloc((WORD - (program.length % WORD)) % WORD, '\n')
  const padded = Buffer.concat([program, padding])
  const size = padded.length + 2 * WORD
  const number = `("000"+T.k).substr(-${WORD})`
  const crc = `E.CRC32(T.s.read(T.n,0,${size - WORD}))`
  const seal = `(function(c){return String.fromCharCode(c&255,c>>8&255,c>>16&255,c>>24&255)})(${crc})`
  const erase = OTHER_STARTS.map(name => `T.s.erase('${name}');`).join('')
  const loader = Buffer.from(LOADER)
  const text = Buffer.from(settings.text)
  const lines = [
    ...begin(board),
    ...pieces('T.n', padded, size),
    unless(`E.CRC32(T.s.read(T.n,0,${padded.length}))==${crc32(padded)}`, 'program'),
    `T.s.write(T.n,${number},${padded.length},${size})`,
    ...pieces(quoted(PENDING_FILE), text, text.length),
    unless(isKept(quoted(PENDING_FILE), text), 'settings file'),
    // The factory's own goes first, because what is there is not written over in pieces; ours stays, because what runs came from it.
    `(function(f){if(f!==undefined&&E.CRC32(f)!=${crc32(loader)})T.s.erase(${quoted(LOADER_FILE)})})(T.s.read(${quoted(LOADER_FILE)}))`,
    ...pieces(quoted(LOADER_FILE), loader, loader.length),
    unless(isKept(quoted(LOADER_FILE), loader), 'loader'),
    // One word makes it live.
    `T.s.write(T.n,${seal},${size - WORD},${size})`,
    // In one line, because erasing what runs takes the functions from under it; and late enough to be read.
    `print(${quoted(`${settings.id} is flashed; its address is `)}+NRF.getAddress().substr(0,17));T.x=0;setTimeout(function(){${erase}E.reboot()},${restartMs})`,
  ]
  const last = `if(!global.T||T.x)print("${NOT_FLASHED}"+(global.T?T.why||"the last line came garbled":"the first line did not come")+". Send the script again.");`
  return [FIRST, ...lines.map(numbered), last, ''].join('\n')
}
