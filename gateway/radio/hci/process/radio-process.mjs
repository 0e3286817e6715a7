// The first file of the radio's process where the gateway runs from its sources: Node 20 does not read TypeScript. Where it runs as
// built, the process is a file of its own and this one is not there.
if (!process.features.typescript) (await import('tsx/esm/api')).register()
await import('./radio-process.ts')
