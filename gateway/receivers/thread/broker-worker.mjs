// The thread's first file where the gateway runs from its sources: Node 20 does not read TypeScript, and gives a thread none
// of the loaders of its parent. Where it runs as built, the thread is a file of its own and this one is not there.
if (!process.features.typescript) (await import('tsx/esm/api')).register()
await import('./broker-worker.ts')
