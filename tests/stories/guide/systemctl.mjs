#!/usr/bin/env node
// In place of systemctl where no systemd runs: starts a unit as its file says (user, environment, command), waits for READY=1 on a
// socket of its own, and ends it. Nothing of the hardening; systemd-analyze looks at that elsewhere.
import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'

const STATE = '/run/tocsin-units'
const UNITS = '/usr/lib/systemd/system'
/** Datagrams onto a file, a line each. What else is sent with one (a barrier's end) is let go, as systemd lets it go. */
const LISTENER =
  'socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un($ARGV[0])); chmod 0666, $ARGV[0]; open(F, ">>", $ARGV[1]); ' +
  '$| = 1; select((select(F), $| = 1)[0]); while (defined recv(S, $b, 4096, 0)) { print F "$b\\n" }'
const [verb, ...words] = process.argv.slice(2)
const name = words.find(word => !word.startsWith('-'))?.replace(/\.service$/, '')
const [template, instance = ''] = (name ?? '').split('@')
const at = what => `${STATE}/${name}.${what}`

appendFileSync(`${STATE}/calls`, `${process.argv.slice(2).join(' ')}\n`)

function unit() {
  const file = `${UNITS}/${template}${name.includes('@') ? '@' : ''}.service`
  const lines = readFileSync(file, 'utf8').replaceAll('%i', instance).replaceAll('%I', instance).split('\n')
  return Object.fromEntries(
    lines.flatMap(line =>
      /^\w+=/.test(line) ? [[line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]] : [],
    ),
  )
}

const pidOf = () => (existsSync(at('pid')) ? Number(readFileSync(at('pid'), 'utf8')) : null)
const isGone = pid => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
const isRunning = () => pidOf() !== null && !isGone(pidOf())

/** Resolves once `isSo`, looked at whenever the folder changes or a moment has passed. */
async function until(isSo) {
  while (!isSo())
    await new Promise(resolve => {
      const watching = watch(STATE, done)
      const timer = setTimeout(done, 50)
      function done() {
        watching.close()
        clearTimeout(timer)
        resolve()
      }
    })
}

function environment(file) {
  const path = file.replace(/^-/, '')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return Object.fromEntries([...text.matchAll(/^(\w+)="?(.*?)"?$/gm)].map(([, key, value]) => [key, value]))
}

async function start() {
  if (isRunning()) return
  const {
    User,
    ExecStart,
    EnvironmentFile = '',
    AssertPathExists,
    WatchdogSec = '0',
    StateDirectory,
    Type,
  } = unit()
  if (AssertPathExists !== undefined && !existsSync(AssertPathExists))
    throw new Error(`no ${AssertPathExists}`)
  if (StateDirectory !== undefined)
    execFileSync('install', ['-d', '-o', User, '-g', User, '-m', '0700', `/var/lib/${StateDirectory}`])
  for (const what of ['notified', 'socket']) rmSync(at(what), { force: true })
  writeFileSync(at('notified'), '')
  const listener = spawn('perl', ['-MSocket', '-e', LISTENER, at('socket'), at('notified')], {
    detached: true,
    stdio: 'ignore',
  })
  listener.unref()
  await until(() => existsSync(at('socket')))
  const extra = environment(EnvironmentFile)
  const command = ExecStart.replace(/\$(\w+)/g, (_, key) => extra[key] ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const env = {
    PATH: process.env.PATH,
    ...extra,
    NOTIFY_SOCKET: at('socket'),
    WATCHDOG_USEC: String(Number(WatchdogSec) * 1e6),
  }
  const log = openSync(at('log'), 'a')
  const child = spawn(
    'setpriv',
    ['--reuid', User, '--regid', User, '--clear-groups', '--no-new-privs', ...command],
    { cwd: '/', env, detached: true, stdio: ['ignore', log, log] },
  )
  child.unref()
  closeSync(log)
  writeFileSync(at('pid'), String(child.pid))
  if (Type !== 'notify') return
  await until(() => /READY=1/.test(readFileSync(at('notified'), 'utf8')) || isGone(child.pid))
  if (isGone(child.pid))
    throw new Error(`${name} ended before it was ready:\n${readFileSync(at('log'), 'utf8')}`)
}

async function stop() {
  if (!isRunning()) return
  process.kill(pidOf(), 'SIGTERM')
  await until(() => !isRunning())
}

const VERBS = {
  start,
  stop,
  restart: () => stop().then(start),
  'try-restart': () => (isRunning() ? stop().then(start) : undefined),
  reload: () => process.kill(pidOf(), 'SIGHUP'),
  enable: () => (words.includes('--now') ? start() : undefined),
  disable: () => (words.includes('--now') ? stop() : undefined),
  'daemon-reload': () => undefined,
  'list-units': () => undefined,
}
await VERBS[verb]()
