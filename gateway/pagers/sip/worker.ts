// The worker's entry: a thread of its own keeps the sound steady while the gateway is busy, and JsSIP's wish for a
// browser away from it. Orders in, what became of them out; it holds no state that is not a call in progress.
import { parentPort, workerData } from 'node:worker_threads'
import { createSpeech } from '../speech/speech.ts'
import { createAgent } from './agent.ts'
import { askFor } from './asking.ts'
import { type Call, KEY_HEARD, placeCall } from './call.ts'
import type { FromWorker, ToWorker, WorkerSetting } from './messages.ts'
import { Connection } from './wire/connection.ts'
import { Wire } from './wire/wire.ts'

/** Time for BYE, CANCEL and the end of a registration to leave and be answered. */
const CLOSE_MS = 300

function run(setting: WorkerSetting, port: NonNullable<typeof parentPort>): void {
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
  const post = (message: FromWorker): void => port.postMessage(message)
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

  port.on('message', (message: ToWorker) => {
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
      default:
        message satisfies never
    }
  })
}

if (parentPort) run(workerData as WorkerSetting, parentPort)
