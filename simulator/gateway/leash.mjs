// Loaded into the gateway before its own code: when the simulator that started it is gone, however it went, the gateway
// is asked to stop too, so that nothing is left running.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  if (!process.connected) process.exit(1)
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}
