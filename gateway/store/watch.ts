// The disk, watched while nothing happens: proven by writing at the start and each 20 s. Out: a technical alarm in words while
// it refuses, mended when it takes what is written again.
import type { Clock, Submit } from '../ports.ts'
import { JournalFailed } from './failed.ts'
import type { SiteJournal } from './journal.ts'

/** Two that follow each other are within the minute in which a full disk must be said. */
const PROVE_EACH_MS = 20_000
const KEY = 'disk'

/** Begins at once; the answer stops it, and resolves when nothing of it is under way. */
export function watchDisk(parts: {
  journal: Pick<SiteJournal, 'prove'>
  folder: string
  clock: Clock
  submit: Submit
}): { stop(): Promise<void> } {
  const { journal, folder, clock, submit } = parts
  let isStopped = false
  let cancel = () => {}
  let underWay = prove()
  async function prove(): Promise<void> {
    const text = await journal.prove().then(
      () => null,
      (error: unknown) => wordsOf(error, folder),
    )
    if (isStopped) return
    cancel = clock.after(PROVE_EACH_MS, () => {
      underWay = prove()
    })
    // Carried out even where the row about it cannot be written.
    void submit({ kind: 'fault', key: KEY, text }).catch(() => undefined)
  }
  return {
    async stop() {
      isStopped = true
      cancel()
      await underWay
    },
  }
}

function wordsOf(error: unknown, folder: string): string {
  const why = error instanceof JournalFailed ? error.inWords : String(error)
  return `Nothing can be kept on the disk: ${why}. Alarms go out as ever, but a restart would forget what happens now. Make ${folder} writable, with room.`
}
