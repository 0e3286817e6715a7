// baresip as the telephone at a desk: registers at an exchange, rings, answers, records what it hears, presses keys.
// It is driven by its ctrl_tcp module (netstrings of JSON, one client at a time), which tells of its calls too.
import { readdir, readFile, stat, watch } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from './port.ts'
import { type Program, startProgram } from './program.ts'

/** It hangs up where its own sound ends, so it says nothing for ten minutes. */
const BYTES_PER_SECOND = 8000 * 2
const SILENCE_BYTES = 600 * BYTES_PER_SECOND
const MODULE_PATHS = ['/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules']

export type BaresipEvent = { type: string; class?: string; param?: string; peeruri?: string }

export type Baresip = {
  /** Everything it has told of, in order: REGISTER_OK, CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED … */
  events(): readonly BaresipEvent[]
  /** Resolves with the first event of this type after the `after` first ones. */
  until(type: string, after?: number): Promise<BaresipEvent>
  /** Answers, hangs up, presses a key by RFC 4733: baresip's own commands `accept`, `hangup`, `sndcode`. */
  command(command: string, params?: string): Promise<void>
  press(key: string): Promise<void>
  /** Resolves once the newest call has heard so many seconds of sound; call it after the call was established. */
  hears(seconds: number): Promise<void>
  /** What it heard in its newest call, as the WAV file it wrote. */
  heard(): Promise<Buffer>
  stop(): Promise<void>
}

/** Starts a telephone; it has registered when this resolves. `answer: 'auto'` lifts the handset by itself. Its account
 * line takes no password with spaces. */
export async function startBaresip(options: {
  registrar: { host: string; port: number }
  user: string
  password: string
  answer: 'auto' | 'manual'
  transport?: 'udp' | 'tcp'
  /** Calls at once; a telephone with one line is busy while it talks. */
  lines?: number
}): Promise<Baresip> {
  const [sipPort, controlPort] = [await freePort(), await freePort()]
  const program = await startProgram(
    'baresip',
    directory => ['-f', directory],
    directory => ({
      config: config(sipPort, controlPort, directory, options.lines ?? 4),
      accounts: account(options, directory),
      contacts: '',
      'quiet.wav': silence(),
    }),
  )
  const control = await reach(controlPort, program)
  const events: BaresipEvent[] = []
  const listeners = new Set<() => void>()
  const answers: ((text: string) => void)[] = []
  readNetstrings(control, text => {
    const message = JSON.parse(text)
    if (message.response) answers.shift()?.(String(message.data ?? ''))
    if (message.event) events.push(message)
    for (const listener of listeners) listener()
  })
  const until: Baresip['until'] = (type, after = 0) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.slice(after).find(event => event.type === type)
        if (!found) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
      program.exited.then(
        code => reject(new Error(`baresip ended with ${code} before ${type}:\n${program.printed()}`)),
        reject,
      )
    })
  const command: Baresip['command'] = (name, params) =>
    new Promise(resolve => {
      answers.push(() => resolve())
      control.write(netstring(JSON.stringify({ command: name, params, token: name })))
    })
  await program.until(/\d+ binding|registered successfully|\{0\/[A-Z]+\/v4\} 200/)
  return {
    events: () => events,
    until,
    command,
    press: key => command('sndcode', key),
    hears: seconds => hears(program.directory, seconds),
    heard: async () => readFile(await newestRecording(program.directory)),
    async stop() {
      control.destroy()
      await program.stop()
    },
  }
}

/** Netstrings (length:text,) as baresip frames its control messages. */
function netstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`
}

function readNetstrings(socket: Socket, onText: (text: string) => void): void {
  let held: Buffer = Buffer.alloc(0)
  socket.on('data', chunk => {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const colon = held.indexOf(':')
      if (colon < 0) return
      const length = Number(held.toString('latin1', 0, colon))
      if (held.length < colon + 1 + length + 1) return
      onText(held.toString('utf8', colon + 1, colon + 1 + length))
      held = held.subarray(colon + 1 + length + 1)
    }
  })
}

function reach(port: number, program: Program): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let isGone = false
    program.exited.then(code => {
      isGone = true
      reject(new Error(`baresip ended with ${code}:\n${program.printed()}`))
    }, reject)
    const attempt = (): void => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => {
        socket.removeAllListeners('error')
        socket.on('error', () => {})
        resolve(socket)
      })
      socket.once('error', () => {
        if (!isGone) setTimeout(attempt, 20)
      })
    }
    attempt()
  })
}

async function newestRecording(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter(name => name.endsWith('-dec.wav')).sort()
  const newest = files.at(-1)
  if (!newest) throw new Error(`expected a recording of baresip, came ${await readdir(directory)}`)
  return join(directory, newest)
}

/** The recording grows as it hears: each write of baresip is looked at. */
async function hears(directory: string, seconds: number): Promise<void> {
  for await (const _change of watch(directory)) {
    const recording = await newestRecording(directory).catch(() => null)
    if (recording && (await stat(recording)).size >= seconds * BYTES_PER_SECOND) return
  }
}

function config(sipPort: number, controlPort: number, directory: string, lines: number): string {
  const modules = ['g711', 'aufile', 'aubridge', 'sndfile', 'uuid']
  const applications = ['account', 'contact', 'debug_cmd', 'menu', 'ctrl_tcp']
  return [
    `sip_listen 127.0.0.1:${sipPort}`,
    'net_interface 127.0.0.1',
    'audio_player aubridge,sink',
    `audio_source aufile,${directory}/quiet.wav`,
    'audio_alert aubridge,sink',
    'audio_jitter_buffer_type off',
    `call_max_calls ${lines}`,
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `snd_path ${directory}`,
    `module_path ${MODULE_PATHS[0]}`,
    ...modules.map(name => `module ${name}.so`),
    ...applications.map(name => `module_app ${name}.so`),
    '',
  ].join('\n')
}

function account(options: Parameters<typeof startBaresip>[0], directory: string): string {
  const { host, port } = options.registrar
  return (
    `<sip:${options.user}@${host}:${port};transport=${options.transport ?? 'udp'}>` +
    `;auth_user=${options.user};auth_pass=${options.password};regint=300;audio_codecs=pcmu,pcma` +
    `;answermode=${options.answer};audio_source=aufile,${directory}/quiet.wav\n`
  )
}

/** A WAV file of nothing: 16-bit mono at 8 kHz. */
function silence(): Buffer {
  const file = Buffer.alloc(44 + SILENCE_BYTES)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + SILENCE_BYTES, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(8000, 24)
  file.writeUInt32LE(16_000, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(SILENCE_BYTES, 40)
  return file
}
