// Presses on the air of three receivers, each a daemon of its own on a pty, while the broker goes for some seconds, the gateway is
// killed and started again, and then a receiver is. Each press is heard by one receiver only, so that no other makes up for it.
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Site } from '../../schemas/site.ts'
import { LOADER } from '../loader.ts'
import { deskOf, portsToKeep, siteFolder, startGatewayProcess } from './gateway-process.ts'
import { addressOf, manyPendants, pressesIn, pressOf } from './many-pendants.ts'
import { type ReceiverBox, startReceiverBox } from './receiver-process.ts'

const RECEIVERS = 3
const NOBLE_HUB = fileURLToPath(new URL('../bench/radio/noble-hub.ts', import.meta.url))
/** A pendant in alarm is on the air for ten seconds at least, each 100 ms. Here it is heard three times, and then never again. */
const REPEAT_EACH_MS = 1_000
const REPEATS = 3

/** Our daemon with its spool, or EspruinoHub's way: noble, and QoS 0. */
export type Way = 'ours' | 'espruinohub'

export type RelayOptions = {
  way?: Way
  presses: number
  /** A press each so many ms. */
  everyMs: number
  /** How long the broker is away; 0 is never, and then nothing is killed either. */
  awayMs: number
}
/** Pendants whose press is not in the journal, or more than once. */
export type Relayed = { lost: string[]; doubled: string[]; tookMs: number }

export async function relay({ way: by = 'ours', presses, everyMs, awayMs }: RelayOptions): Promise<Relayed> {
  const folder = siteFolder(siteOf(by, presses))
  const ports = await portsToKeep()
  let gateway = await startGatewayProcess(folder, ports)
  const way = await wayTo(ports.mqtt)
  const boxes = await Promise.all(
    Array.from({ length: RECEIVERS }, (_, i) =>
      startReceiverBox({
        ...{ id: `r-${i}`, password: `password-${i}`, broker: `mqtt://127.0.0.1:${way.port}` },
        ...(by === 'espruinohub' && {
          program: radio => [...LOADER, NOBLE_HUB, radio, `${way.port}`, `r-${i}`, `password-${i}`],
        }),
      }),
    ),
  )
  await Promise.all(boxes.map(box => box.said('connected to the broker')))
  const startedAtMs = performance.now()
  const onAir = pressAll(boxes, presses, everyMs)

  if (awayMs > 0) {
    await after((presses * everyMs) / 4)
    way.close()
    await after(awayMs)
    await way.open()
    await gateway.kill()
    gateway = await startGatewayProcess(folder, ports)
    const [first] = boxes
    await first?.kill()
    await first?.start()
  }

  await onAir
  let came = -1
  for (let sinceMs = performance.now(); ; ) {
    const { incidents } = await deskOf(gateway.url)
    if (incidents.length > came) sinceMs = performance.now()
    came = Math.max(came, incidents.length)
    const isLost =
      by === 'ours' ? performance.now() - startedAtMs > 120_000 : performance.now() - sinceMs > 5_000
    if (came >= presses || isLost) break
    await after(200)
  }
  // What would double a press is confirmed by now as well.
  while (boxes.some(box => box.spooled() > 0)) await after(50)
  const tookMs = Math.round(performance.now() - startedAtMs)
  for (const box of boxes) await box.close()
  way.close()
  await gateway.stop()
  const times = await pressesIn(folder)
  folder.remove()
  const names = Array.from({ length: presses }, (_, i) => `p-${i}`)
  return {
    lost: names.filter(name => !times.has(name)),
    doubled: names.filter(name => (times.get(name) ?? 0) > 1),
    tookMs,
  }
}

function siteOf(way: Way, presses: number): Site {
  const site = manyPendants(presses, RECEIVERS)
  if (way === 'ours') return site
  const foreign = { kind: 'espruinohub', serviceData: true, prefix: '/ble' } as const
  return { ...site, receivers: site.receivers.map(receiver => ({ ...receiver, foreign })) }
}

/** Resolves when the last press has been on the air for the last time. */
async function pressAll(boxes: readonly ReceiverBox[], presses: number, everyMs: number): Promise<void> {
  const startedAtMs = performance.now()
  const sent = Array.from({ length: presses }, async (_, i) => {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      await after(Math.max(0, startedAtMs + i * everyMs + repeat * REPEAT_EACH_MS - performance.now()))
      boxes[i % boxes.length]?.hear(addressOf(i), pressOf(i))
    }
  })
  await Promise.all(sent)
}

/** The network between the receivers and the broker: it can be cut, so that connections break and none is taken. */
async function wayTo(port: number) {
  const sockets = new Set<Socket>()
  let server: Server
  const open = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server = createServer(socket => {
        const onward = dial(port, '127.0.0.1')
        for (const each of [socket, onward]) {
          sockets.add(each)
          each.on('error', () => each.destroy())
          each.on('close', () => {
            sockets.delete(each)
            socket.destroy()
            onward.destroy()
          })
        }
        socket.pipe(onward).pipe(socket)
      })
      server.once('error', reject)
      server.listen(at, '127.0.0.1', resolve)
    })
  const { mqtt: own } = await portsToKeep()
  await open(own)
  return {
    port: own,
    open: () => open(own),
    close() {
      server.close()
      for (const each of sockets) each.destroy()
    },
  }
}
