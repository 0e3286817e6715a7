// `npm run relay [presses] [everyMs] [awayMs]`: alarms through three receiver daemons on ptys while the broker goes
// for 5 s, the gateway is killed and started again, and then a receiver is. Each must be written down once. One JSON line; exit code 1 otherwise.
import { relay } from '../../gateways/relay.ts'

const [presses = 800, everyMs = 10, awayMs = 5_000] = process.argv.slice(2).map(Number)

const { lost, doubled, tookMs } = await relay({ presses, everyMs, awayMs })
console.log(JSON.stringify({ presses, everyMs, awayMs, tookMs, lost, doubled }))
process.exit(lost.length === 0 && doubled.length === 0 ? 0 : 1)
