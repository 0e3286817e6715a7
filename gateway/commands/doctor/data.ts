// The data folder, tried: a proof is written, synced and taken away again; whose files they are, who may read them; the journal
// is read from end to end. Nothing stays changed.
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { codeOf, faultText, faultWords } from '../../../schemas/fault-words.ts'
import { holderOf } from '../../store/disk/lock.ts'
import { journalFiles, mayOthersRead } from '../../store/disk/modes.ts'
import { readNote } from '../../store/note.ts'
import { type Verdict, verifyJournal } from '../../store/verify.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const PROOF_BYTES = 65_536
const ROOM_BYTES = 500e6
const OWNER_ONLY = 0o600

export function tryData(folder: string): Finding[] {
  const isThere = lstatSync(folder, { throwIfNoEntry: false }) !== undefined
  if (!isThere) return guarded('disk', folder, () => [tryParent(folder)])
  const kind = guarded('disk', folder, () => (statSync(folder).isDirectory() ? [] : [noFolder(folder)]))
  if (kind.length > 0) return kind
  const file = join(folder, 'journal.sqlite')
  return [
    tryDisk(folder),
    ...guarded('rights', folder, () => tryRights(folder)),
    ...guarded('journal', file, () => tryJournal(file)),
  ]
}

const noFolder = (folder: string): Finding =>
  broken(
    'disk',
    `${folder} is no folder: a gateway would not start`,
    'say where its data folder is: --data DIR',
  )

/** What the system refuses while one thing is tried is that thing's finding, and no end of the others. */
function guarded(tried: string, path: string, find: () => Finding[]): Finding[] {
  try {
    return find()
  } catch (error) {
    if (codeOf(error) === null) throw error
    return [
      broken(tried, `${path} cannot be used: ${faultWords(error)}`, `see what stands there: ls -l ${path}`),
    ]
  }
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
    if (existsSync(proof)) rmSync(proof)
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
    found.push(
      broken(
        'rights',
        `${folder} is of the user with the number ${uid}, and this one has ${process.getuid?.()}`,
        `run it as its owner: runuser -u "$(stat -c %U ${folder})" -- tocsin …`,
      ),
    )
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
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined)
    return [warning('journal', 'there is none yet: the first start makes it')]
  try {
    const { rows, broken: amiss, missing } = verified(file)
    if (amiss !== null)
      return [broken('journal', `row ${amiss.seq} is not as it was written`, `tocsin repair ${file}`)]
    if (missing !== null)
      return [broken('journal', `row ${missing.seq} was there and is missing`, `tocsin verify ${file}`)]
    return [ok('journal', `${rows === 1 ? '1 row' : `${rows} rows`}, each as it was written`)]
  } catch (error) {
    return [broken('journal', faultText(error), `tocsin repair ${file}`)]
  }
}
