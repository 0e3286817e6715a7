// A serial line on this machine, over a pty: what comes in is told, one program has it at a time, and whoever lets go of it leaves
// it to the next. By the door that receivers and the flashing of pendants share.
// needs: socat
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSerial } from '../../../../firmware/flash/serial.ts'
import { openUart } from '../../../../gateway/radio/hci/line/uart.ts'
import { openPty, type Pty } from '../../../../simulator/espruino/pty.ts'

let folder = ''
let pty: Pty
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-line-'))
  const echo = (bytes: Buffer): void => pty.send(bytes)
  pty = await openPty(join(folder, 'line'), echo)
})
afterEach(async () => {
  await pty.close()
  await rm(folder, { recursive: true, force: true })
})

type Opened = {
  ask(words: string): Promise<string>
  write(words: string): unknown
  ended: Promise<string>
  close(): Promise<void>
}

const kinds: Record<string, (path: string) => Promise<Opened>> = {
  'a controller’s line': async path => {
    const line = await openUart(path)
    const told = comes()
    line.onBytes(bytes => told.take(Buffer.from(bytes).toString('latin1')))
    return {
      ask: words => told.after(words, () => line.write(Buffer.from(words, 'latin1'))),
      write: words => line.write(Buffer.from(words, 'latin1')),
      ended: new Promise(resolve => line.onEnd(resolve)),
      close: line.close,
    }
  },
  'a pendant’s line': async path => {
    const wire = await openSerial(path, 9600)
    const told = comes()
    wire.onBytes(told.take)
    // A cable that is pulled once the echo has come may meet a write that still drains.
    const write = (words: string) => wire.write(words).catch(error => error)
    return {
      ask: words => told.after(words, () => void write(words)),
      write,
      ended: new Promise(resolve => wire.onEnd(resolve)),
      close: wire.close,
    }
  },
}

/** Resolves with what came once it is as long as what was asked. */
function comes() {
  let came = ''
  let look = (): void => {}
  return {
    take(bytes: string): void {
      came += bytes
      look()
    },
    after(words: string, act: () => void): Promise<string> {
      came = ''
      return new Promise(resolve => {
        look = () => came.length >= words.length && resolve(came)
        act()
      })
    },
  }
}

describe.each(Object.entries(kinds))('%s', (_, open) => {
  it('tells each byte as it came, again and again while nothing else goes on', async () => {
    const line = await open(pty.path)
    for (let i = 0; i < 20; i++) {
      // What waits for the line has found it empty by then.
      for (let looks = 0; looks < 50; looks++) await stat(pty.path)
      const words = `\x00${i}\r\n\xff`
      expect(await line.ask(words)).toBe(words)
    }
    await line.close()
  })

  it('is taken alone by whoever opens it first, of either kind', async () => {
    const line = await open(pty.path)
    for (const second of Object.values(kinds))
      await expect(second(pty.path)).rejects.toThrow('another program has it open')
    expect(await line.ask('still'), 'who has it is not disturbed').toBe('still')
    await line.close()
  })

  it('is free for the next once it is let go, in the same process', async () => {
    for (let i = 0; i < 5; i++) {
      const line = await open(pty.path)
      expect(await line.ask(`turn ${i}`)).toBe(`turn ${i}`)
      await line.close()
    }
  })

  it('says once that it is gone when the cable is pulled', async () => {
    const line = await open(pty.path)
    expect(await line.ask('here')).toBe('here')
    await pty.close()
    expect(await line.ended).toMatch(/is gone/)
    await line.close()
  })

  it('says once that it is gone when a write is the first to meet the pulled cable', async () => {
    const line = await open(pty.path)
    expect(await line.ask('here')).toBe('here')
    await pty.close()
    line.write('and now')
    expect(await line.ended).toMatch(/is gone/)
    await line.close()
  })
})
