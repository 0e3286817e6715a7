// Firmware and settings as a script for the console of a board that no cable reaches: somebody sends it with Espruino's Web
// IDE, over Bluetooth. In: board, program, settings. Out: lines, each whole by itself, that do on the chip what `flash`
// does from here: the free slot, read back; settings; the loader; the seal; and a start anew.
import { crc32 } from 'node:zlib'
import type { SettingsText } from './flash.ts'
import { LOADER, LOADER_FILE, OTHER_STARTS, PENDING_FILE, SLOTS } from './loader.ts'
import { quoted } from './transfer.ts'

export type ScriptOrder = {
  /** As `process.env.BOARD` has it. */
  board: string
  program: Uint8Array
  settings: SettingsText
}

/** Some 700 characters a line: the IDE sends them one by one. */
const PIECE_BYTES = 512
const WORD = 4

/**
 * Says what is wrong and stops all that follows, so that nothing is made live that is not whole. The state between two lines
 * is one global, `T`: the slot, the newest number there is, the one to be, and why it stopped.
 */
const BEGIN = (board: string): string[] => [
  // The slot to write is the one that does not run now; what is in it is given up.
  'global.T={s:require("Storage"),q:0,n:"",why:""};',
  `if(process.env.BOARD!=${quoted(board)})T.why="expected the board ${board}, came "+process.env.BOARD;`,
  `T.n=${quoted(SLOTS[0])};${JSON.stringify(SLOTS)}.forEach(function(n){var s=T.s,f=s.read(n);if(f===undefined||f.length<12)return;var z=f.length-4,k=parseInt(s.read(n,z-4,4),10);if(k>T.q&&E.CRC32(s.read(n,0,z))==new Uint32Array(E.toArrayBuffer(s.read(n,z,4)))[0]){T.q=k;T.n=n==${quoted(SLOTS[0])}?${quoted(SLOTS[1])}:${quoted(SLOTS[0])}}});`,
  // No line does harm when it is sent twice.
  'T.k=T.q+1;if(!T.why)T.s.erase(T.n);',
  'T.w=function(n,d,o,z,c){if(T.why)return;if(E.CRC32(d)!=c)T.why="a line came garbled";else{if(E.CRC32(T.s.read(n,o,d.length))!=c)T.s.write(n,d,o,z);if(E.CRC32(T.s.read(n,o,d.length))!=c)T.why="the flash keeps other bytes"}};',
]

/** One piece of a file; `name` is an expression of the chip's. */
const piece = (name: string, data: Uint8Array, offset: number, size: number): string =>
  `T.w(${name},atob("${Buffer.from(data).toString('base64')}"),${offset},${size},${crc32(data)});`

const pieces = (name: string, data: Uint8Array, size: number): string[] =>
  Array.from({ length: Math.ceil(data.length / PIECE_BYTES) }, (_, i) => {
    const offset = i * PIECE_BYTES
    return piece(name, data.subarray(offset, offset + PIECE_BYTES), offset, size)
  })

/** The lines; they hold the pendant's key. The last one starts the chip anew, and only if all before it went well. */
export function flashScript({ board, program, settings }: ScriptOrder): string {
  const padding = Buffer.alloc((WORD - (program.length % WORD)) % WORD, '\n')
  const padded = Buffer.concat([program, padding])
  const size = padded.length + 2 * WORD
  const number = `("000"+T.k).substr(-${WORD})`
  const crc = `E.CRC32(T.s.read(T.n,0,${size - WORD}))`
  const seal = `(function(c){return String.fromCharCode(c&255,c>>8&255,c>>16&255,c>>24&255)})(${crc})`
  const whole = `E.CRC32(T.s.read(T.n,0,${padded.length}))==${crc32(padded)}`
  const erase = OTHER_STARTS.map(name => `T.s.erase(${quoted(name)});`).join('')
  const loader = Buffer.from(LOADER)
  return [
    ...BEGIN(board),
    ...pieces('T.n', padded, size),
    `if(!T.why&&!(${whole}))T.why="the flash keeps another program";`,
    `if(!T.why)T.s.write(T.n,${number},${padded.length},${size});`,
    ...pieces(quoted(PENDING_FILE), Buffer.from(settings.text), Buffer.byteLength(settings.text)),
    // The factory's own goes first, because what is there is not written over in pieces; ours stays, because what runs came from it.
    `(function(f){if(!T.why&&f!==undefined&&E.CRC32(f)!=${crc32(loader)})T.s.erase(${quoted(LOADER_FILE)})})(T.s.read(${quoted(LOADER_FILE)}));`,
    ...pieces(quoted(LOADER_FILE), loader, loader.length),
    // One word makes it live.
    `if(!T.why)T.s.write(T.n,${seal},${size - WORD},${size});`,
    `print(T.why?"NOT FLASHED: "+T.why:${quoted(`${settings.id} is flashed; its address is `)}+NRF.getAddress().substr(0,17));`,
    // In one line, because erasing what runs takes the functions from under it; and late enough to be read.
    `if(!T.why)setTimeout(function(){${erase}E.reboot()},2000);`,
    '',
  ].join('\n')
}
