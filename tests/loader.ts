// What Node needs to run a TypeScript file of ours in a process of its own: nothing where it reads TypeScript by itself.
const readsTypeScript = 'typescript' in process.features && process.features.typescript !== false

export const LOADER: readonly string[] = readsTypeScript ? [] : ['--import', 'tsx']
