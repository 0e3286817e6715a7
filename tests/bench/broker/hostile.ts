// `npm run bench:broker [kinds…]`: from a press's report to its rows in the journal (the PUBACK), quiet and under each load on the
// broker's port, in turns in one run, so that both meet the same machine. The aim: the p99 under each is at most twice the quiet one.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPhone } from '../../../simulator/phones/phone.ts'
import { connectReceiver, metric, siteFolder, startGatewayProcess } from '../../gateways/gateway-process.ts'
import { LOADER } from '../../loader.ts'
import { type Pressing, press, quantile } from '../presser.ts'
import { KINDS, type Kind, passwordOf, siteOfBench, writeAccounts } from './site.ts'

const ROUNDS = 4
const PRESSES = Number(process.env.BENCH_PRESSES ?? 200) / 2
const WARM_UP = 10
const AIM = 2

const asked = process.argv.slice(2)
const kinds = KINDS.filter(kind => asked.length === 0 || asked.includes(kind))

async function startLoad(port: number, kind: Kind): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('load.ts', import.meta.url))
  const child = spawn(process.execPath, [...LOADER, file, String(port), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => child.stdout?.once('data', resolve))
  return child
}

/** Ends it; answers how much it did. */
async function endLoad(load: ChildProcess): Promise<number> {
  let said = ''
  load.stdout?.on('data', chunk => {
    said += chunk
  })
  const gone = new Promise(resolve => load.once('close', resolve))
  load.kill()
  await gone
  return Number(/counted (\d+)/.exec(said)?.[1] ?? 0)
}

async function presses(rig: Pressing): Promise<number[]> {
  for (let i = 0; i < WARM_UP; i++) await press(rig)
  const samples: number[] = []
  for (let i = 0; i < PRESSES; i++) samples.push((await press(rig)).journalMs)
  return samples
}

const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
const folder = siteFolder(siteOfBench(phone.address.port))
await writeAccounts(folder.siteFile)
const gateway = await startGatewayProcess(folder)
const receiver = await connectReceiver(gateway.mqtt, 'r-0', passwordOf('r-0'))
const row = (name: string, ms: readonly number[], more: string) =>
  `  ${name.padEnd(14)}${[quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)].map(each => each.toFixed(2).padStart(9)).join('')}  ${more}`
try {
  const rig: Pressing = { gateway, phone, receiver, presses: 0 }
  await presses(rig)
  console.log(
    `\npress → journal (PUBACK), ${ROUNDS * PRESSES} presses each, in ms; aim: p99 at most ${AIM} × quiet`,
  )
  console.log(`  ${''.padEnd(14)}      p50      p99      max`)
  for (const kind of kinds) {
    const quiet: number[] = []
    const loaded: number[] = []
    let counted = 0
    const before = performance.now()
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(...(await presses(rig)))
      const load = await startLoad(gateway.mqtt.port, kind)
      loaded.push(...(await presses(rig)))
      counted += await endLoad(load)
    }
    const seconds = (performance.now() - before) / 1000
    const ratio = quantile(loaded, 0.99) / quantile(quiet, 0.99)
    const isMet = ratio <= AIM
    if (!isMet) process.exitCode = 1
    console.log(row('quiet', quiet, ''))
    const refused = await metric(gateway.url, 'tocsin_refused_total', '{reason="wrong-password"}')
    console.log(
      row(
        kind,
        loaded,
        `p99 ${ratio.toFixed(2)} × quiet, ${isMet ? 'met' : 'MISSED'}; some ${Math.round(counted / (seconds / 2))} a second; ${refused} wrong passwords so far`,
      ),
    )
  }
} finally {
  await receiver.close()
  await gateway.stop()
  await phone.close()
  folder.remove()
}
