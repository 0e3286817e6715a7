// Pendants to be flashed, each on a serial port of its own: the simulated chip, always there, and the real interpreter
// where ESPRUINO_BIN names a Linux build of it. The battery can be pulled after any number of bytes on the wire.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realClock } from '../../../simulator/clock.ts'
import { type ChipStorage, memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { createChipPort } from '../../../simulator/espruino/console.ts'
import { openPty } from '../../../simulator/espruino/pty.ts'

export const ADDRESS = 'c7:f9:36:dd:b0:ca'
/** UUID 0xFCD2 as it stands in an advertisement of ours. */
const SERVICE = 'd2fc'

export type ChipOnPort = {
  path: string
  /** Bytes that came in on the wire since it was plugged. */
  received(): number
  /** Pulls battery and cable, and waits until both are gone. */
  unplug(): Promise<void>
}

export type ChipUnderTest = {
  name: string
  isReal: boolean
  /** Power and cable. `cutAfter`: both are pulled once so many bytes have come. */
  plug(cutAfter?: number): Promise<ChipOnPort>
  /** Power alone, until the first frame of ours is on the air; the answer is that frame in hexadecimal. */
  advertises(): Promise<string>
  /** Keeps the flash as it is now, and goes back to that. */
  keep(): Promise<void>
  goBack(): Promise<void>
  end(): Promise<void>
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** What stands between a port and a chip: counts, and cuts. */
const counted = (cutAfter: number, deliver: (bytes: string) => void, cut: () => void) => {
  let received = 0
  return {
    count: () => received,
    take: (bytes: string): void => {
      if (received >= cutAfter) return
      const taken = bytes.slice(0, cutAfter - received)
      received += taken.length
      deliver(taken)
      if (received >= cutAfter) cut()
    },
  }
}

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'tocsin-flash-'))

const contents = (storage: ChipStorage): Files =>
  Object.fromEntries(storage.list().map(name => [name, Uint8Array.from(storage.read(name) ?? [])]))

/** The simulated chip with `files` in its flash. */
export const simulatedChip = async (files: Files): Promise<ChipUnderTest> => {
  const folder = await scratch()
  let storage = memoryStorage(files)
  let kept = files
  let plugs = 0
  const boot = (send: (bytes: string) => void) =>
    createChipPort({ address: ADDRESS, clock: realClock(), storage, send })
  return {
    name: 'the simulated chip',
    isReal: false,
    plug: async (cutAfter = Number.POSITIVE_INFINITY) => {
      const chip = boot(bytes => pty.send(Buffer.from(bytes, 'latin1')))
      const pull = async (): Promise<void> => {
        chip.host.powerOff()
        await pty.close()
      }
      const wire = counted(cutAfter, chip.receive, pull)
      const pty = await openPty(join(folder, `tty${++plugs}`), bytes => wire.take(bytes.toString('latin1')))
      chip.host.powerOn()
      return { path: pty.path, received: wire.count, unplug: pull }
    },
    advertises: async () => {
      const chip = boot(() => {})
      const heard = new Promise<string>(resolve => {
        chip.host.onAdvertisement(({ data }) => {
          const frame = Buffer.from(data).toString('hex')
          if (frame.includes(SERVICE)) resolve(frame)
        })
      })
      chip.host.powerOn()
      const frame = await heard
      chip.host.powerOff()
      return frame
    },
    keep: async () => {
      kept = contents(storage)
    },
    goBack: async () => {
      storage = memoryStorage(kept)
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
}

/** What a desk machine lacks, saved as code that runs first at power-on. What is on the air goes to the console. */
const prelude = `
process.env = { BOARD: "PUCKJS", VERSION: process.env.VERSION };
var NRF = {
  getAddress: () => "${ADDRESS} random", setTxPower: () => {}, setScan: () => {},
  setAdvertising: d => { var h = ""; for (var i = 0; i < d.length; i++) h += ("0" + d[i].toString(16)).substr(-2); print("~" + h + "~") }
};
var BTN = D0, LED1 = D5, LED2 = D4, LED3 = D3;
var setWatch = () => 1, pinMode = () => {}, digitalWrite = () => {};
E.getBattery = () => 97; E.enableWatchdog = () => {};
`

const hexed = (data: string | Uint8Array): string =>
  Buffer.from(data as string)
    .toString('hex')
    .replace(/../g, '\\x$&')

/** Lines of 512 bytes: the interpreter reads its script as one, and a name is written whole before the next. */
const writing = (files: Files): string =>
  Object.entries(files)
    .flatMap(([name, data]) => {
      const bytes = Buffer.from(data as string)
      const parts = Array.from({ length: Math.ceil(bytes.length / 512) }, (_, i) => i * 512)
      return parts.map(
        at =>
          `require("Storage").write("${name}","${hexed(bytes.subarray(at, at + 512))}",${at},${bytes.length});`,
      )
    })
    .join('\n')

/** The real interpreter with `files` in its flash, which it keeps in a file of the folder that it runs in. */
export const realChip = async (binary: string, files: Files): Promise<ChipUnderTest> => {
  const folder = await scratch()
  const flash = join(folder, 'espruino.flash')
  await writeFile(join(folder, 'files.js'), `${writing({ '.bootPowerOn': prelude, ...files })}\n`)
  const writer = spawn(binary, ['files.js'], { cwd: folder, stdio: 'ignore' })
  await once(writer, 'close')
  let plugs = 0

  /** Runs it, and again each time it ends by itself, which is how this build reboots. */
  const boot = (printed: (bytes: string) => void) => {
    let child: ChildProcess
    let isOn = true
    const start = (): void => {
      child = spawn(binary, [], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdout?.setEncoding('latin1').on('data', printed)
      child.stdin?.on('error', () => {})
      child.once('close', () => {
        if (isOn) start()
      })
    }
    start()
    return {
      receive: (bytes: string): void => {
        child.stdin?.write(bytes, 'latin1')
      },
      powerOff: async (): Promise<void> => {
        if (!isOn) return
        isOn = false
        const closed = once(child, 'close')
        child.kill('SIGKILL')
        await closed
      },
    }
  }

  return {
    name: 'the real interpreter',
    isReal: true,
    plug: async (cutAfter = Number.POSITIVE_INFINITY) => {
      const wire = counted(
        cutAfter,
        bytes => chip.receive(bytes),
        () => pull(),
      )
      const pty = await openPty(join(folder, `tty${++plugs}`), bytes => wire.take(bytes.toString('latin1')))
      const chip = boot(bytes => pty.send(Buffer.from(bytes, 'latin1')))
      const pull = async (): Promise<void> => {
        await chip.powerOff()
        await pty.close()
      }
      return { path: pty.path, received: wire.count, unplug: pull }
    },
    advertises: async () => {
      let text = ''
      let chip: ReturnType<typeof boot> | undefined
      const frame = await new Promise<string>(resolve => {
        chip = boot(bytes => {
          text += bytes
          const found = /~([0-9a-f]+)~/.exec(text)?.[1]
          if (found?.includes(SERVICE)) resolve(found)
        })
      })
      await chip?.powerOff()
      return frame
    },
    keep: () => copyFile(flash, join(folder, 'kept')),
    goBack: () => copyFile(join(folder, 'kept'), flash),
    end: () => rm(folder, { recursive: true, force: true }),
  }
}
