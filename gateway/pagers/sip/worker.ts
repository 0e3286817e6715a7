// The worker's entry: a process of its own keeps the sound steady while the gateway is busy, JsSIP's wish for a browser away
// from it, and the gateway alive whatever happens here. Orders in, what became of them out; no state but calls in progress.
import { Worker } from 'node:worker_threads'
import { createSpeech } from '../speech/speech.ts'
import { createAgent } from './agent.ts'
import { askFor } from './asking.ts'
import { type Call, KEY_HEARD, placeCall } from './call.ts'
import type { FromWorker, ToWorker, WorkerSetting } from './messages.ts'
import { Connection } from './wire/connection.ts'
import { Wire } from './wire/wire.ts'

/** Time for BYE, CANCEL and the end of a registration to leave and be answered. */
const CLOSE_MS = 300

/** Takes orders from then on. */
function run(setting: WorkerSetting, post: (message: FromWorker) => void): (message: ToWorker) => void {
  Object.assign(globalThis, {
    window: globalThis,
    RTCPeerConnection: Connection,
    RTCSessionDescription: class {
      constructor(description: object) {
        Object.assign(this, description)
      }
    },
  })
  const { sip } = setting
  const calls = new Map<string, Call>()
  const report = (message: FromWorker): void => {
    if (message.is === 'over') calls.delete(message.page)
    post(message)
  }
  const speech = createSpeech({
    settings: setting.speech,
    cacheDir: setting.cacheDir,
    ...(setting.engine ? { engine: setting.engine } : {}),
    onFault: fault => post({ is: 'speech', fault }),
    isCalling: () => calls.size > 0,
  })
  const wire = new Wire({
    server: sip.server,
    port: sip.port,
    transport: sip.transport === 'tls' ? 'tls' : 'tcp',
    ...(setting.ca ? { ca: setting.ca } : {}),
  })
  const agent = createAgent(sip, wire, fault => {
    post({ is: 'line', fault })
    if (fault !== null) for (const call of calls.values()) call.lineLost()
  })
  const stopAsking = askFor(setting, agent, (target, fault) => post({ is: 'telephone', target, fault }))
  speech.phrase(KEY_HEARD)

  const close = (): void => {
    const isOwed = calls.size > 0 || sip.register
    for (const call of calls.values()) call.end()
    speech.close()
    stopAsking()
    agent.close()
    setTimeout(() => process.exit(0), isOwed ? CLOSE_MS : 0)
  }

  return message => {
    switch (message.is) {
      case 'place':
        calls.set(message.page, placeCall(message, agent, speech, report))
        break
      case 'end':
        calls.get(message.page)?.end()
        break
      case 'reply':
        calls.get(message.page)?.reply(message)
        break
      case 'ping':
        post({ is: 'pong', number: message.number })
        break
      case 'prepare':
        void speech.prepare(message.phrases).then(() => post({ is: 'prepared', token: message.token }))
        break
      case 'close':
        close()
        break
      case 'start':
        throw new Error('expected start once')
      default:
        message satisfies never
    }
  }
}

/** Enough for the goodbyes of one that does not hang. */
const LEFT_MS = 3_000

/** One that hangs sees nothing of its gateway's end: a thread of its own, which does nothing else, ends it then. */
function watchParent(): void {
  const code = `
    const look = () => process.ppid === ${process.ppid} || setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${LEFT_MS})
    setInterval(look, ${LEFT_MS})`
  new Worker(code, { eval: true, execArgv: [] }).unref()
}

/** One whom its gateway left, however that went, hangs up and ends: whoever starts next calls anew. */
function obey(): void {
  let take: ((message: ToWorker) => void) | null = null
  const post = (message: FromWorker): void => {
    if (process.connected) process.send?.(message, () => {})
  }
  process.on('message', (message: ToWorker) => {
    if (take) take(message)
    else if (message.is === 'start') {
      take = run(message.setting, post)
      watchParent()
    }
  })
  // Who stops the gateway from outside often stops all that belongs to it (Ctrl-C, systemd): it has goodbyes to say first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('disconnect', () => (take ? take({ is: 'close' }) : process.exit()))
}

obey()
