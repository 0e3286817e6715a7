// What lies in the chip's Storage so that new firmware can be put beside old: two slots, and a loader that starts the
// newest whole one. A slot counts from the moment its last word, the seal, is written: one write of one flash word.
import { crc32 } from 'node:zlib'
import { SETTINGS_FILE } from '../storage/settings.ts'

export const SLOTS = ['tocsin.b0', 'tocsin.b1'] as const
export type SlotName = (typeof SLOTS)[number]

/** Settings on their way: the loader moves them into place at the next start, and goes on after a cut. */
export const PENDING_FILE = 'tocsin.new'

/** The interpreter runs this file before any other saved code [jsfLoadBootCodeFromFlash]. */
export const LOADER_FILE = '.boot0'

/**
 * Other code that starts by itself, in the order in which it has to go: `.bootrst` stands before `.bootcde`, and a
 * saved image before both. As long as one is there, it is what the pendant runs, and the loader stands aside.
 */
export const OTHER_STARTS = ['.bootcde', '.bootrst', '.varimg'] as const

const LOADER_BEGINS = '//tocsin loader\n'
const LOADER_ENDS = '\n//whole\n'

/**
 * One expression, so that half of it does nothing. The slots are checked by CRC, so that a torn or worn one is passed
 * over. Settings that end with their brace are whole: a cut write leaves its tail erased. They are compared until
 * equal, because a write that makes the chip compact its flash may read its source while that moves.
 */
export const LOADER = `${LOADER_BEGINS}eval((function(){
var s=require("Storage"),g=${JSON.stringify(SETTINGS_FILE)},w=${JSON.stringify(PENDING_FILE)},t=s.read(w),q=-1,p="";
if(t!==undefined&&t[t.length-1]=="}"){for(var i=0;i<3&&s.read(g)!=t;i++)s.write(g,""+t);if(s.read(g)==t)s.erase(w)}
if(${OTHER_STARTS.map(name => `s.read(${JSON.stringify(name)},0,1)!==undefined`).join('||')})return"";
${JSON.stringify(SLOTS)}.forEach(function(n){
var f=s.read(n);if(f===undefined||f.length<12)return;
var z=f.length-4,k=parseInt(s.read(n,z-4,4),10);
if(k>q&&E.CRC32(s.read(n,0,z))==new Uint32Array(E.toArrayBuffer(s.read(n,z,4)))[0]){q=k;p=s.read(n,0,z-4)}
});
return p})())${LOADER_ENDS}`

const WORD = 4
/** The flash is worn out long before. */
const SEQ_MAX = 9999

/** All of a slot but its seal: the program, newlines up to a whole word, and its number in the row. */
export const slotBody = (program: Uint8Array, seq: number): Buffer => {
  if (seq < 0 || seq > SEQ_MAX) throw new RangeError(`expected a number of 0-${SEQ_MAX}, came ${seq}`)
  const padding = Buffer.alloc((WORD - (program.length % WORD)) % WORD, '\n')
  return Buffer.concat([program, padding, Buffer.from(String(seq).padStart(WORD, '0'))])
}

/** The last word: the CRC-32 of all before it, little-endian. */
export const slotSeal = (body: Uint8Array): Buffer => {
  const seal = Buffer.alloc(WORD)
  seal.writeUInt32LE(crc32(body))
  return seal
}
