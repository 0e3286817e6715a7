// Runs a worker's own file (its first argument) in a thread that can be made to hang: whoever says so on the channel `hang`.
import { BroadcastChannel } from 'node:worker_threads'

const channel = new BroadcastChannel('hang')
channel.onmessage = () => {
  for (;;);
}
channel.unref()
await import(process.argv[2])
