// `npm run bench`: from a press's report to the INVITE on the wire, quiet, and while another account sends 8,000 forged frames a
// second; in turns in one run, so that both meet the same machine. The aim: the flood's p99 is at most twice the quiet one.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createPhone } from '../../simulator/phones/phone.ts'
import { connectReceiver, deskOf, siteFolder, startGatewayProcess } from '../gateways/gateway-process.ts'
import { LOADER } from '../loader.ts'
import { type Pressing, press, quantile } from './presser.ts'
import { benchSite } from './site.ts'

const FORGED_PER_S = 8_000
const ROUNDS = 4
const PRESSES = Number(process.env.BENCH_PRESSES ?? 200) / 2
const WARM_UP = 20
const AIM = 2

async function startFlood(port: number): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('flood-load.ts', import.meta.url))
  const args = [...LOADER, file, String(port), String(FORGED_PER_S)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => child.stdout?.once('data', resolve))
  return child
}

async function invites(rig: Pressing): Promise<number[]> {
  for (let i = 0; i < WARM_UP; i++) await press(rig)
  const samples: number[] = []
  for (let i = 0; i < PRESSES; i++) samples.push((await press(rig)).inviteMs)
  return samples
}

const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
const folder = siteFolder(benchSite(phone.address.port))
const gateway = await startGatewayProcess(folder)
const receiver = await connectReceiver(gateway.mqtt, 'r-0', 'password-0')
try {
  const rig: Pressing = { gateway, phone, receiver, presses: 0 }
  const quiet: number[] = []
  const flooded: number[] = []
  let isNamed = false
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(...(await invites(rig)))
    const flood = await startFlood(gateway.mqtt.port)
    const gone = new Promise(resolve => flood.once('exit', resolve))
    flooded.push(...(await invites(rig)))
    isNamed ||= (await deskOf(gateway.url)).technical.some(({ key }) => key === 'receiver-flood:r-1')
    flood.kill()
    await gone
  }
  const row = (name: string, ms: readonly number[]) =>
    `  ${name.padEnd(12)}${[quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)].map(each => each.toFixed(2).padStart(9)).join('')}`
  const ratio = quantile(flooded, 0.99) / quantile(quiet, 0.99)
  console.log(
    `\n${FORGED_PER_S} forged frames a second of one account; press → INVITE, ${quiet.length} presses each, in ms`,
  )
  console.log(`  ${''.padEnd(12)}      p50      p99      max`)
  console.log(row('quiet', quiet))
  console.log(row('flood', flooded))
  const isMet = ratio <= AIM && isNamed
  console.log(
    `  p99 ${ratio.toFixed(2)} times the quiet one (at most ${AIM}); the account ${isNamed ? 'is' : 'is not'} named at the desk`,
  )
  if (!isMet) process.exitCode = 1
} finally {
  await receiver.close()
  await gateway.stop()
  await phone.close()
  folder.remove()
}
