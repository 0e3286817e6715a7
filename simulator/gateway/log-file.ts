// What the gateway logs, kept in a file: lines come in. A disk that does not take one costs that line and nothing else; it is
// said once, and again after the disk has taken one.
import { appendFileSync } from 'node:fs'
import { faultWords } from '../../schemas/fault-words.ts'

export type LogFile = { write(line: string): void }

/** Keeps lines at the end of `path`. `tell` is given a sentence where they can't be. Never throws. */
export function keepLog(path: string, tell: (sentence: string) => void): LogFile {
  let isTaken = true
  return {
    write(line) {
      try {
        appendFileSync(path, `${line}\n`)
        isTaken = true
      } catch (cause) {
        if (isTaken) tell(`The gateway's log is not kept, and everything else goes on: ${faultWords(cause)}`)
        isTaken = false
      }
    },
  }
}
