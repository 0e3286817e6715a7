// The chip's console on its serial pins: bytes in, bytes out, and behind it the same realm, Storage and radio as the
// simulated pendant's. Boots from its Storage as the interpreter does, so that what was flashed is what runs.

import { PowerCut } from './chip/storage.ts'
import { createPendantHost, type PendantHostOptions, type TypedHost } from './host.ts'

/**
 * What the interpreter starts, in its order [jsfLoadBootCodeFromFlash]: the numbered files, then `.bootrst`, or
 * `.bootcde` where that is not there. One that fails is told of and the next is started.
 */
const BOOT = `(function(){
var s=require("Storage"),l=[".boot0",".boot1",".boot2",".boot3"];
l.push(s.read(".bootrst")===undefined?".bootcde":".bootrst");
l.forEach(function(n){var c=s.read(n);if(c!==undefined)try{(0,eval)(c)}catch(e){print("Uncaught "+e)}});
})()`

const DLE = '\x10'
const CTRL_C = '\x03'
const ESCAPE = '\x1b'
const ERASE_LINE = '\x1b[2H'

export type ChipPort = {
  host: TypedHost
  /** Bytes that come in on the wire, one character each. */
  receive(bytes: string): void
}

export type ChipPortOptions = Omit<PendantHostOptions, 'bundle' | 'printed'> & {
  /** Bytes that go out on the wire. */
  send: (bytes: string) => void
}

/** Brackets that are still open: such a line is not run yet. Strings are passed over. */
const openBrackets = (line: string): number => {
  const code = line.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '')
  return [...code].reduce((open, c) => open + ('([{'.includes(c) ? 1 : ')]}'.includes(c) ? -1 : 0), 0)
}

/** A pendant with the power off and a wire on its console. */
export const createChipPort = ({ send, ...options }: ChipPortOptions): ChipPort => {
  const host = createPendantHost({ ...options, bundle: BOOT, printed: line => send(`${line}\r\n`) })
  let line = ''
  let sequence = ''
  let isQuiet = false

  const echo = (text: string): void => {
    if (!isQuiet) send(text)
  }

  const run = (): void => {
    const code = line.trimEnd()
    line = ''
    echo('\r\n')
    try {
      const value = code === '' ? undefined : host.type(code)
      if (code !== '') echo(`=${JSON.stringify(value) ?? 'undefined'}\r\n`)
    } catch (error) {
      // After a reboot in the line there is nobody left to say anything.
      if (!(error instanceof PowerCut)) send(`Uncaught ${error}\r\n`)
    }
    isQuiet = false
    send('>')
  }

  const take = (character: string): void => {
    if (sequence !== '' || character === ESCAPE) {
      sequence += character
      if (sequence === ERASE_LINE) line = ''
      if (sequence === ERASE_LINE || (sequence.length > 2 && /[A-Za-z~]/.test(character))) sequence = ''
    } else if (character === CTRL_C) line = ''
    else if (character === DLE) {
      if (line === '') isQuiet = true
    } else if (character === '\n' || character === '\r') {
      if (openBrackets(line) <= 0) run()
      else line += '\n'
    } else {
      line += character
      echo(character)
    }
  }

  return {
    host,
    receive: bytes => {
      for (const character of bytes) take(character)
    },
  }
}
