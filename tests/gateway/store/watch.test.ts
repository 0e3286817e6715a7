// The disk, watched while nothing happens: what refuses is said, what never answers is said too, and neither is waited for.
import { expect, it } from 'vitest'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { watchDisk } from '../../../gateway/store/disk/watch.ts'
import { JournalFailed } from '../../../gateway/store/failed.ts'
import { steppedClock } from '../../../simulator/clock.ts'

type Proof = { resolve(): void; reject(error: Error): void }

function begin() {
  const clock = steppedClock(1_790_000_000_000)
  const proofs: Proof[] = []
  const heard: EngineEvent[] = []
  const disk = watchDisk({
    journal: {
      prove: () =>
        new Promise((resolve, reject) => {
          proofs.push({ resolve, reject })
        }),
    },
    folder: 'DATA',
    clock,
    submit: async event => {
      heard.push(event)
      return { refused: null }
    },
  })
  const texts = () => heard.map(event => (event.kind === 'fault' ? event.text : event.kind))
  return { clock, proofs, texts, disk }
}
const settled = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

it('a disk that takes what is written is proven again and again, within the minute', async () => {
  const { clock, proofs, texts } = begin()
  for (let i = 0; i < 3; i++) {
    proofs[i]?.resolve()
    await settled()
    clock.advance(20_000)
  }
  expect(texts()).toEqual([null, null, null])
  expect(proofs).toHaveLength(4)
})

it('a disk that never answers is said after ten seconds, asked once, and mended when it answers', async () => {
  const { clock, proofs, texts } = begin()
  clock.advance(10_000)
  expect(texts()).toEqual([expect.stringContaining('the disk does not answer')])
  clock.advance(120_000)
  expect(proofs).toHaveLength(1)
  proofs[0]?.resolve()
  await settled()
  expect(texts().at(-1)).toBeNull()
})

it('a disk that refuses is said in words, and what was asked before the end is not waited for', async () => {
  const { proofs, texts, disk } = begin()
  const cause = Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  proofs[0]?.reject(new JournalFailed('could not write', { cause }))
  await settled()
  expect(texts()).toEqual([expect.stringContaining('the disk is full')])
  const other = begin()
  other.disk.stop()
  other.proofs[0]?.resolve()
  await settled()
  expect(other.texts()).toEqual([])
  disk.stop()
})
