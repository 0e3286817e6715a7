// The thread's first file: Node 20 gives a thread none of the loaders of its parent, so TypeScript is switched on here.
import { register } from 'tsx/esm/api'

register()
await import('./apart-worker.ts')
