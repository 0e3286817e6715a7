// Runs a worker's own file (its first argument) in a thread that can be made to hang: whoever names the file on the channel `hang`.
import { BroadcastChannel } from 'node:worker_threads'

const [, , file] = process.argv
const channel = new BroadcastChannel('hang')
channel.onmessage = ({ data }) => {
  while (file === data);
}
channel.unref()
await import(file)
