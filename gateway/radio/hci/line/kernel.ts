// The door to an adapter of the Linux kernel (hci0), taken alone by the user channel: the kernel and bluetoothd let go of it. In:
// its name. Throws LineRefused. The library is optional: whose radios are serial lines needs none.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Line, LineRefused } from './line.ts'

const PACKAGE = '@stoprocent/bluetooth-hci-socket'
const ADAPTERS = '/sys/class/bluetooth'
/** The library says nothing when an adapter is pulled out: it is looked for. */
const LOOK_EVERY_MS = 1000

/** What we use of the library. */
export type KernelSocket = {
  bindUser(device: number): number
  start(): void
  write(packet: Buffer): void
  on(event: 'data', take: (packet: Buffer) => void): unknown
  on(event: 'error', take: (error: Error) => void): unknown
}

export type Kernel = {
  socket(): KernelSocket
  hasAdapter(device: string): boolean
}

const kernel: Kernel = {
  socket: () => new (createRequire(import.meta.url)(PACKAGE).loadDriver('native'))(),
  hasAdapter: device => existsSync(`${ADAPTERS}/${device}`),
}

export function openKernel(device: string, { socket: load, hasAdapter } = kernel): Line {
  const number = /^hci(\d+)$/.exec(device)?.[1]
  if (number === undefined)
    throw new LineRefused('refused', `expected a radio like hci0 or /dev/ttyACM0, came ${device}`)
  if (process.platform !== 'linux')
    throw new LineRefused('refused', `${device} needs Linux; elsewhere a radio is a serial line`)
  if (!hasAdapter(device)) throw new LineRefused('gone', `the kernel has no adapter ${device}`)
  let end = (_why: string): void => {}
  let isOver = false
  const over = (why: string): void => {
    if (isOver) return
    isOver = true
    clearInterval(looking)
    end(why)
  }
  const socket = bound(device, Number(number), load, error => over(`${device} failed: ${error.message}`))
  const looking = setInterval(() => {
    if (!hasAdapter(device)) over(`${device} is gone`)
  }, LOOK_EVERY_MS)
  return {
    write: bytes => socket.write(Buffer.from(bytes)),
    onBytes(take) {
      socket.on('data', take)
      socket.start()
    },
    onEnd(take) {
      end = take
    },
    // Its reading thread takes a second to stop, and may hang in a read: the process that holds it ends instead.
    async close() {
      isOver = true
      clearInterval(looking)
    },
  }
}

function bound(
  device: string,
  number: number,
  load: Kernel['socket'],
  fail: (error: Error) => void,
): KernelSocket {
  try {
    const socket = load()
    socket.on('error', fail)
    socket.bindUser(number)
    return socket
  } catch (cause) {
    throw new LineRefused('refused', `${device} cannot be had: ${reasonOf(String(cause))}`, cause)
  }
}

function reasonOf(text: string): string {
  if (/Cannot find module|MODULE_NOT_FOUND|No native build/i.test(text))
    return `the package ${PACKAGE} is not installed, or has no library for this machine`
  if (/not permitted|denied/i.test(text))
    return 'no permission: it takes the capabilities net_admin and net_raw'
  if (/busy/i.test(text))
    return 'it is in use: stop bluetoothd, or take the adapter down (hciconfig hci0 down)'
  if (/family not supported/i.test(text)) return 'this kernel has no Bluetooth'
  return text
}
