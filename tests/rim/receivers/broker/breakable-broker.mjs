// The broker's thread as a bug would break it: by a message it hangs, dies, or takes connections no more.
import { Server } from 'node:net'
import { parentPort } from 'node:worker_threads'

const servers = []
const { listen } = Server.prototype
Server.prototype.listen = function (...of) {
  servers.push(this)
  return listen.apply(this, of)
}

const BREAKS = {
  hang: () => {
    for (;;);
  },
  die: () => {
    throw new Error('a bug')
  },
  close: () => servers.at(-1).close(),
  'say nothing': () => servers.at(-1).removeAllListeners('connection'),
}
parentPort.on('message', ({ broken }) => {
  if (broken === undefined) return
  parentPort.postMessage({ broken })
  BREAKS[broken]()
})

// As built: from its sources a thread takes seconds to start. By its address, since nothing that is checked may need a build.
await import(new URL('../../../../dist/gateway/broker-worker.mjs', import.meta.url).href)
