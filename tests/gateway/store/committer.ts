// A process that commits in a loop until it is killed, and says each row's number once its commit is confirmed.
import { writeSync } from 'node:fs'
import { openJournal } from '../../../gateway/store/journal.ts'
import { plainBatch } from './changes.ts'

const STDOUT = 1
const [, , file = ''] = process.argv
const journal = openJournal(file)
for (let i = 0; ; i++) {
  const rows = 1 + (i % 3)
  const first = await journal.commit({ ...plainBatch('loop', rows), counters: new Map([['p-01', i]]) })
  // Synchronous: what has been confirmed is on its way before the next commit begins.
  writeSync(STDOUT, `${first + rows - 1}\n`)
}
