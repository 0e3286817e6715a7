#!/usr/bin/env node
// The package's `tocsin` command: the command line of gateway/commands/cli.ts as it was built, without any loader.
import { existsSync } from 'node:fs'

const built = new URL('../dist/gateway/cli.mjs', import.meta.url)
if (existsSync(built)) await import(built.href)
else {
  console.error(
    `expected the built command line at ${built.pathname}, came none.\n` +
      'Build it: npm ci && npm run build. A package made by npm pack has it inside.',
  )
  process.exitCode = 1
}
