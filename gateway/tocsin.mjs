#!/usr/bin/env node
// The package's `tocsin` command: the command line of gateway/cli.ts, run as it is written.
import { register } from 'tsx/esm/api'

register()
await import('./cli.ts')
