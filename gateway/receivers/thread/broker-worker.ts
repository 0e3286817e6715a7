// The broker's thread: sockets, MQTT, passwords and the reading of what receivers say, apart from who decides about it. Events
// out, one after the other; what became of them, accounts and beacons in. A bug ends the thread, and another is started.
import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs, systemClock } from '../../clock.ts'
import type { Log } from '../../ports.ts'
import type { Proved } from '../accounts/known.ts'
import { type KeptThere, keptHere } from '../kept/here.ts'
import { type Broker, startBroker } from '../mqtt/broker.ts'
import { asking } from './asking.ts'
import type { FromBroker, SentEvent, Setting, ToBroker } from './messages.ts'
import { together } from './together.ts'

const events = together<SentEvent>(all => parentPort?.postMessage({ is: 'events', events: all }))
const post = (message: FromBroker): void => {
  events.flush()
  parentPort?.postMessage(message)
}

const say =
  (level: 'info' | 'warn' | 'error') =>
  (fields: object, text: string): void =>
    post({ is: 'log', level, fields, text })
const log: Log = { info: say('info'), warn: say('warn'), error: say('error') }

const engine = asking(monotonicMs, (call, event, sentAtMs) => events.add({ call, event, sentAtMs }))

async function start({ receivers, accounts, kept, ...setting }: Setting): Promise<void> {
  // Durations only: what the machine's clock says is nothing to the broker.
  const clock = { ...systemClock(), nowMs: monotonicMs }
  const onCame = (receiver: string): void => post({ is: 'came', receiver })
  const { submit } = engine
  const around = { site: { receivers, accounts, kept }, submit, log, clock, onCame }
  const onAdmitted = (account: string): void => post({ is: 'admitted', account })
  const onProved = (proved: Proved): void => post({ is: 'proved', proved })
  const { external } = setting
  const onLink = (fault: string | null): void => post({ is: 'link', fault })
  const outside = async (to: NonNullable<typeof external>): Promise<Opened> => {
    // Its MQTT client is a third of what this thread would load.
    const { startExternal } = await import('../external/external.ts')
    const { keptOutside } = await import('../kept/outside.ts')
    const broker = startExternal({ setting: to, ...around, onLink })
    return { broker, there: keptOutside({ external: to, setting: kept, clock, log }) }
  }
  const own = async (): Promise<Opened> => {
    const broker = await startBroker({ ...setting, ...around, onAdmitted, onProved })
    return { broker, there: keptHere(broker.publish, kept, clock) }
  }
  const opened = external === null ? await own() : await outside(external)
  opened.there.onEmpty(() => post({ is: 'empty' }))
  parentPort?.on('message', (message: ToBroker) => obey(opened, message))
  post({ is: 'listens', port: opened.broker.port })
}

type Opened = { broker: Broker; there: KeptThere }

function obey({ broker, there }: Opened, message: ToBroker): void {
  switch (message.is) {
    case 'decided':
      for (const { call, failure } of message.calls) engine.decided(call, failure)
      break
    case 'site':
      broker.setSite(message)
      there.use(message.kept)
      break
    case 'keep':
      void keep(there, message)
      break
    case 'certificate':
      broker.setCertificate(message.pem)
      break
    case 'told':
      broker.broadcast(message.orders)
      break
    case 'end':
      broker.tellEnd(message.end)
      break
    case 'ping':
      post({ is: 'pong' })
      break
    case 'close':
      void there
        .close()
        .then(() => broker.close())
        .then(() => post({ is: 'closed' }))
      break
    default:
      message satisfies never
  }
}

async function keep(there: KeptThere, { call, kept, isWhole }: Extract<ToBroker, { is: 'keep' }>) {
  const failure = await there.keep(kept, isWhole).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  post({ is: 'kept', call, failure })
}

start(workerData as Setting).catch(error =>
  post({ is: 'failed', message: error instanceof Error ? error.message : String(error) }),
)
