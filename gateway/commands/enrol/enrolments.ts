// Pendants that are enrolled and not flashed yet, noted beside the site file: one small file each, without the key. So that
// nobody is given a second key because the first one waits in a folder elsewhere.
import { mkdir, readdir, readFile, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { SiteNotChanged } from '../../site/pendant.ts'
import { writeNewFile } from '../new-file.ts'

const Enrolment = z.object({ id: z.string(), wearer: z.string(), settings: z.string() })
/** Who will wear which pendant, and the file with its key. */
export type Enrolment = z.infer<typeof Enrolment>

const folderOf = async (siteFile: string): Promise<string> => `${await realpath(siteFile)}.enrolled`

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Those that wait, of this site file. One whose settings are gone waits no more: its key was thrown away. */
export async function waiting(siteFile: string): Promise<Enrolment[]> {
  const folder = await folderOf(siteFile)
  const names = await readdir(folder).catch(() => [])
  const found: Enrolment[] = []
  for (const name of names.sort()) {
    const each = await readEnrolment(join(folder, name))
    if (each !== null && (await isThere(each.settings))) found.push(each)
    else await forget(siteFile, name.replace(/\.json$/, ''))
  }
  return found
}

async function readEnrolment(path: string): Promise<Enrolment | null> {
  try {
    return Enrolment.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

/** Notes one. Throws SiteNotChanged where another was noted under this id, also at the same moment. */
export async function note(siteFile: string, { settings, ...who }: Enrolment): Promise<void> {
  const folder = await folderOf(siteFile)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const text = `${JSON.stringify({ ...who, settings: resolve(settings) })}\n`
  try {
    await writeNewFile(join(folder, `${who.id}.json`), text)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      await rmdir(folder).catch(() => undefined)
      throw cause
    }
    throw new SiteNotChanged(`expected ${who.id} to be nobody's yet, and it was enrolled a moment ago`)
  }
}

/** It is on a wrist, or was taken back. The folder goes with the last one. */
export async function forget(siteFile: string, id: string): Promise<void> {
  const folder = await folderOf(siteFile)
  await rm(join(folder, `${id}.json`), { force: true })
  await rmdir(folder).catch(() => undefined)
}
