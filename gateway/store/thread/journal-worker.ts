// The journal's thread: one call after the other in, its answer out. What the disk refuses is an answer; a bug ends the thread.
import { parentPort } from 'node:worker_threads'
import { JournalFailed } from '../failed.ts'
import { openJournal, type SiteJournal } from '../journal.ts'
import { type Asked, type FromThread, failureOf } from './messages.ts'

const post = (message: FromThread): void => parentPort?.postMessage(message)

let journal: SiteJournal | null = null

function open(file: string): null {
  journal = openJournal(file)
  journal.onRows(end => post({ is: 'rows', end }))
  journal.onLoss(() => post({ is: 'loss' }))
  return null
}

async function carryOut(asked: Asked): Promise<unknown> {
  if (asked.is === 'open') return open(...asked.args)
  // Asked to close before it was asked to open: there is nothing to close.
  if (journal === null) return undefined
  const now = journal
  switch (asked.is) {
    case 'load':
      return now.load()
    case 'commit':
      return now.commit(...asked.args)
    case 'hashAt':
      return now.hashAt(...asked.args)
    case 'prove':
      return now.prove()
    case 'close':
      return now.close()
    default:
      return asked satisfies never
  }
}

parentPort?.on('message', async (asked: Asked) => {
  try {
    const value = await carryOut(asked)
    post({ is: 'answer', call: asked.call, outcome: { value }, end: journal?.end() ?? null })
  } catch (error) {
    if (!(error instanceof JournalFailed)) throw error
    post({
      is: 'answer',
      call: asked.call,
      outcome: { failure: failureOf(error) },
      end: journal?.end() ?? null,
    })
  }
})
