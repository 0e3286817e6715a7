// The recipe of the image holds together, as far as that shows without a network: it is built of a named release, takes in the file that
// the package's recipe makes, runs as the user that the package makes, and starts the program that is in it with arguments it knows.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { builtTocsin } from '../gateway/commands/cli-process.ts'

const DEBIAN = 'gateway/debian'
const read = (name: string): string => readFileSync(join(DEBIAN, name), 'utf8')
const RECIPE = read('package.mjs')

/** Instructions in their order, lines that go on put together. */
const instructions = read('Containerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, ' ')
  .split('\n')
  .filter(line => line.trim() !== '')
  .map(line => /^([A-Z]+)\s+(.*)$/.exec(line)?.slice(1) as [string, string])
const all = (name: string): string[] => instructions.flatMap(([is, rest]) => (is === name ? [rest] : []))
const last = (name: string): string => all(name).at(-1) ?? ''

it('knows no instruction that a builder does not', () => {
  const known = ['ARG', 'FROM', 'COPY', 'RUN', 'USER', 'VOLUME', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD']
  expect(instructions.map(each => each?.[0]).filter(each => !known.includes(each))).toEqual([])
  expect(all('FROM')).toHaveLength(1)
  expect(last('FROM'), 'its base is what ARG says').toMatch(/^\$\{BASE\}$/)
})

it('its base is a release of Debian by name, never whatever is newest, and can be given with a digest', () => {
  expect(last('ARG')).toMatch(
    /^BASE=debian:(?!latest|stable|testing|unstable|sid|oldstable)[a-z]+(-slim)?(@sha256:[0-9a-f]{64})?$/,
  )
})

it('takes in the package under the name that its recipe gives it, from the folder that the command names', () => {
  const [from = '', to = ''] = last('COPY').split(' ')
  const made = /join\(to, `(tocsin_)\$\{version\}_\$\{archOf\(\)\}(\.deb)`\)/.exec(RECIPE)
  expect(from).toBe(`${made?.[1]}*${made?.[2]}`)
  expect(last('RUN'), 'what is installed is what was taken in').toContain(` ${join(to, from)} `)
  expect(read('Containerfile')).toContain(`-f ${DEBIAN}/Containerfile -t tocsin dist\n`)
  expect(RECIPE).toContain('dist/tocsin_VERSION_ARCH.deb')
})

it('runs as the user that the package makes, and nothing after that is another’s', () => {
  const names = instructions.map(([is]) => is)
  const user = last('USER')
  expect(user).not.toMatch(/^(root|0)(:|$)/)
  expect(read('postinst')).toMatch(
    new RegExp(`adduser --system .*\\\\s${user}\\\\n`.replaceAll('\\\\', '\\')),
  )
  expect(names.slice(names.lastIndexOf('USER')), 'all that is done as root is done by then').not.toContain(
    'RUN',
  )
  for (const folder of JSON.parse(last('VOLUME')) as string[])
    expect(read('postinst'), folder).toMatch(new RegExp(`install -d -o ${user} .*${folder}( |$)`, 'm'))
})

it('starts the program that the package puts there, with arguments that it knows', async () => {
  const [program = '', ...more] = JSON.parse(last('ENTRYPOINT')) as string[]
  expect(more).toEqual([])
  const source = /put\(root, 'usr\/bin\/tocsin', read\('(\w+)'\)\)/.exec(RECIPE)?.[1] ?? ''
  expect(`/${/put\(root, '(usr\/bin\/tocsin)'/.exec(RECIPE)?.[1]}`).toBe(program)
  expect(existsSync(join(DEBIAN, source))).toBe(true)
  const command = JSON.parse(last('CMD')) as string[]
  const { status, out } = await builtTocsin(...command, '--help')
  expect(status).toBe(0)
  for (const option of command.filter(each => each.startsWith('--'))) expect(out).toContain(option)
  const folders = JSON.parse(last('VOLUME')) as string[]
  const paths = command.filter(each => each.startsWith('/'))
  expect(paths.every(path => folders.includes(path) || folders.includes(dirname(path)))).toBe(true)
  expect(paths, 'both are read').toHaveLength(2)
})

it('all that the package’s recipe reads beside it is there', () => {
  const named = [...RECIPE.matchAll(/read\('([\w.]+)'\)/g)].map(([, name]) => name ?? '')
  const scripts = /const SCRIPTS = \[(.*)\]/.exec(RECIPE)?.[1]?.match(/\w+/g) ?? []
  expect(named.length + scripts.length).toBeGreaterThan(5)
  for (const name of [...named, ...scripts]) expect(existsSync(join(DEBIAN, name)), name).toBe(true)
})
