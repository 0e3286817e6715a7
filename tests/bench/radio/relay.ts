// `npm run relay [presses] [everyMs] [awayMs]`: alarms through three receiver daemons on ptys while the broker goes for 5 s, the gateway
// is killed and started again, and then a receiver is: each must be written down once, exit code 1 otherwise. Beside it, in the same run,
// EspruinoHub's way (noble, QoS 0) through the same, and where nothing happens. A JSON line each.
import { type RelayOptions, relay } from '../../gateways/relay.ts'

const [presses = 800, everyMs = 10, awayMs = 5_000] = process.argv.slice(2).map(Number)

async function run(options: RelayOptions): Promise<boolean> {
  const { lost, doubled, tookMs } = await relay(options)
  const shown = options.way === 'ours' ? { lost, doubled } : { lost: lost.length, doubled: doubled.length }
  console.log(JSON.stringify({ ...options, tookMs, ...shown }))
  return lost.length === 0 && doubled.length === 0
}

const isWhole = await run({ way: 'ours', presses, everyMs, awayMs })
await run({ way: 'espruinohub', presses, everyMs, awayMs: 0 })
await run({ way: 'espruinohub', presses, everyMs, awayMs })
process.exit(isWhole ? 0 : 1)
