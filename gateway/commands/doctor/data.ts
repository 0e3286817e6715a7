// The data folder, tried: a proof is written, synced and taken away again; whose files they are, who may read them; the journal
// is read from end to end. Nothing stays changed.
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { faultWords } from '../../../schemas/fault-words.ts'
import { holderOf } from '../../store/disk/lock.ts'
import { journalFiles, mayOthersRead } from '../../store/disk/modes.ts'
import { readNote } from '../../store/note.ts'
import { type Verdict, verifyJournal } from '../../store/verify.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const PROOF_BYTES = 65_536
const ROOM_BYTES = 500e6
const OWNER_ONLY = 0o600

export function tryData(folder: string): Finding[] {
  if (!existsSync(folder)) return [tryParent(folder)]
  return [tryDisk(folder), ...tryRights(folder), ...tryJournal(join(folder, 'journal.sqlite'))]
}

/** A gateway that runs on the folder and was not found at the desk's port that was asked; null where none does. */
export function tryHolder(folder: string, isRunning: boolean): Finding | null {
  const holder = heldBy(join(folder, 'journal.sqlite'))
  if (isRunning || holder === null) return null
  const mend = 'if it is meant to listen elsewhere, say where: --http HOST:PORT'
  return broken('gateway', `${holder} runs on ${folder}, and does not answer at its desk's port`, mend)
}

function heldBy(file: string): string | null {
  try {
    return holderOf(file)
  } catch {
    // What cannot be opened is said by the rights.
    return null
  }
}

/** The first start makes the folder. */
function tryParent(folder: string): Finding {
  let above = dirname(folder)
  while (!existsSync(above)) above = dirname(above)
  const found = tryDisk(above)
  if (found.is === 'broken') return { ...found, mend: `make ${folder}, for the gateway's user` }
  return warning('disk', `there is no ${folder} yet: the first start makes it`)
}

function tryDisk(folder: string): Finding {
  const proof = join(folder, `doctor-proof-${process.pid}`)
  try {
    const fd = openSync(proof, 'wx', OWNER_ONLY)
    try {
      writeFileSync(fd, Buffer.alloc(PROOF_BYTES))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return broken(
      'disk',
      `nothing can be kept in ${folder}: ${faultWords(error)}`,
      'make it writable, with room',
    )
  } finally {
    rmSync(proof, { force: true })
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const came = `what is written to ${folder} is kept; ${Math.floor(free / 1e6)} MB are free`
  return free < ROOM_BYTES ? warning('disk', came, 'make room') : ok('disk', came)
}

function tryRights(folder: string): Finding[] {
  const files = journalFiles(folder)
  const { uid } = statSync(folder)
  const strange = files.filter(file => statSync(file).uid !== uid)
  const found = [folder, ...files]
    .filter(mayOthersRead)
    .map(file => warning('rights', `others may read ${file}`, `chmod go= ${file}`))
  if (strange.length > 0)
    found.push(
      broken(
        'rights',
        `${strange.join(', ')} belong to somebody else than ${folder}: a gateway of its owner cannot write them`,
        `chown --reference=${folder} ${strange.join(' ')}`,
      ),
    )
  if (process.getuid?.() !== 0 && process.getuid?.() !== uid)
    found.push(broken('rights', `${folder} is of user ${uid}, and this is user ${process.getuid?.()}`))
  return found.length > 0 ? found : [ok('rights', `${folder} is its owner's alone`)]
}

/** SQLite leaves a log beside a journal that was closed in order, even where it only reads it: such a one is read as a copy. */
function verified(file: string): Verdict {
  if (existsSync(`${file}-wal`)) return verifyJournal(file)
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'))
  try {
    const copy = join(scratch, basename(file))
    copyFileSync(file, copy)
    return verifyJournal(copy, readNote(file))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function tryJournal(file: string): Finding[] {
  if (!existsSync(file)) return [warning('journal', 'there is none yet: the first start makes it')]
  try {
    const { rows, broken: amiss, missing } = verified(file)
    if (amiss !== null)
      return [broken('journal', `row ${amiss.seq} is not as it was written`, `tocsin repair ${file}`)]
    if (missing !== null)
      return [broken('journal', `row ${missing.seq} was there and is missing`, `tocsin verify ${file}`)]
    return [ok('journal', `${rows} rows, each as it was written`)]
  } catch (error) {
    return [
      broken('journal', error instanceof Error ? error.message : String(error), `tocsin repair ${file}`),
    ]
  }
}
