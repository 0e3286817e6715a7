// Runs one program of dist/gateway/ by what V8 compiled of it at the build (NAME.bin): reading 2.6 MB of text anew takes a third of
// a start. Where there is none, or one of another text or of another Node, the text is read as ever: the same program, later.
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/** A SHA-256 in hexadecimal: behind the first two characters of a program, and before its compiled code. V8 compares only lengths. */
const HASH_CHARACTERS = 64

const fileOf = name => fileURLToPath(new URL(`./${name}`, import.meta.url))

/** `name` is that of the file, without .cjs. Throws what the program throws. TOCSIN_COMPILE=1 is the build's: NAME.bin is written. */
export function run(name) {
  const { script, hash, file } = load(name)
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  if (process.env.TOCSIN_COMPILE !== '1') return
  const keep = () => put(fileOf(`${name}.bin`), Buffer.concat([Buffer.from(hash), script.createCachedData()]))
  // As late as can be: V8 compiles a function when it is called. A thread that is ended is not asked.
  if (isMainThread) process.on('exit', keep)
  else keep()
}

/** The program, not run. Where its compiled code was there and was not used, `script.cachedDataRejected` is true. */
export function load(name) {
  const file = fileOf(`${name}.cjs`)
  // Programs are built as ASCII, which V8 keeps as it is.
  const text = readFileSync(file, 'latin1')
  const hash = text.slice(2, 2 + HASH_CHARACTERS)
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    cachedData: codeOf(fileOf(`${name}.bin`), hash),
  })
  return { script, hash, file }
}

function codeOf(compiled, hash) {
  if (!existsSync(compiled)) return undefined
  const bytes = readFileSync(compiled)
  return bytes.toString('latin1', 0, HASH_CHARACTERS) === hash ? bytes.subarray(HASH_CHARACTERS) : undefined
}

/** Whole or not at all, and readable by whoever may read the program. */
function put(file, bytes) {
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, bytes)
  chmodSync(unfinished, 0o644)
  renameSync(unfinished, file)
}
