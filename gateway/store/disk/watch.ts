// The disk, watched while nothing happens: proven by writing at the start and each 20 s. Out: a technical alarm in words while
// it refuses, mended when it takes what is written again.
import type { Clock, Submit } from '../../ports.ts'
import { JournalFailed } from '../failed.ts'
import type { ThreadJournal } from '../thread/thread.ts'

/** Two that follow each other are within the minute in which a full disk must be said. */
const PROVE_EACH_MS = 20_000
/** A disk that takes longer is said not to answer; the next proof begins when it has. */
const ANSWER_MS = 10_000
const KEY = 'disk'

/** Begins at once; the answer stops it. A proof that is under way then is not waited for: a disk may hang. */
export function watchDisk(parts: {
  journal: Pick<ThreadJournal, 'prove'>
  folder: string
  clock: Clock
  submit: Submit
}): { stop(): void } {
  const { journal, folder, clock, submit } = parts
  let cancel = () => {}
  const stopped = new AbortController()
  const { signal } = stopped
  const say = (text: string | null): void => {
    // Carried out even where the row about it cannot be written.
    if (!signal.aborted) void submit({ kind: 'fault', key: KEY, text }).catch(() => undefined)
  }
  async function prove(): Promise<void> {
    const late = clock.after(ANSWER_MS, () => say(inWords('the disk does not answer', folder)))
    const text = await journal.prove().then(
      () => null,
      (error: unknown) => inWords(error instanceof JournalFailed ? error.inWords : String(error), folder),
    )
    late()
    say(text)
    if (!signal.aborted) cancel = clock.after(PROVE_EACH_MS, () => void prove())
  }
  void prove()
  return {
    stop() {
      stopped.abort()
      cancel()
    },
  }
}

const inWords = (why: string, folder: string): string =>
  `Nothing can be kept on the disk: ${why}. Alarms go out as ever, but a restart would forget what happens now. Make ${folder} writable, with room.`
