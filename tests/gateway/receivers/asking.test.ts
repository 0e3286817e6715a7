import { expect, it } from 'vitest'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { ALL_ON_THE_WAY_MAX, asking, ON_THE_WAY_MAX } from '../../../gateway/receivers/thread/asking.ts'

const refusal = (receiver: string, reason: 'malformed' | 'wrong-password' = 'malformed'): EngineEvent => ({
  kind: 'refused',
  receiver,
  reason,
  detail: '',
})

it('lets few of an account be on the way at once, in their order, and nobody wait for another', async () => {
  const sent: { call: number; event: EngineEvent; atMs: number }[] = []
  let nowMs = 0
  const { submit, decided } = asking(
    () => nowMs++,
    (call, event, atMs) => sent.push({ call, event, atMs }),
  )
  const flood = Array.from({ length: 3 * ON_THE_WAY_MAX }, () => submit(refusal('r-1')))
  // Who could not say its password may be anybody, and stands in nobody's way.
  const guesses = Array.from({ length: 2 * ON_THE_WAY_MAX }, () => submit(refusal('r-2', 'wrong-password')))
  expect(sent).toHaveLength(2 * ON_THE_WAY_MAX)
  const honest = submit(refusal('r-2'))
  expect(sent.at(-1)?.event).toMatchObject({ receiver: 'r-2', reason: 'malformed' })
  decided(sent.at(-1)?.call ?? 0, { name: 'NotKept', words: 'disk full' })
  await expect(honest).rejects.toMatchObject({ name: 'NotKept', message: 'disk full' })
  for (let i = 0; i < sent.length; i++) decided(sent[i]?.call ?? 0, null)
  await Promise.all([...flood, ...guesses])
  const ofFlood = sent.filter(({ event }) => 'receiver' in event && event.receiver === 'r-1')
  expect(ofFlood.map(({ atMs }) => atMs)).toEqual(Array.from(flood, (_, i) => i))
  decided(1, null)
  decided(9_999, null)
})

it('lets few of all be on the way at once, of each at least one, and all of them come to it', async () => {
  const sent: number[] = []
  const { submit, decided } = asking(
    () => 0,
    call => sent.push(call),
  )
  const floods = Array.from({ length: ALL_ON_THE_WAY_MAX / ON_THE_WAY_MAX }, (_, r) => `r-${r}`)
  const said = floods.flatMap(receiver =>
    Array.from({ length: 2 * ON_THE_WAY_MAX }, () => submit(refusal(receiver))),
  )
  expect(sent).toHaveLength(ALL_ON_THE_WAY_MAX)
  const late = [submit(refusal('late')), submit(refusal('late'))]
  expect(sent, 'whoever has none on the way waits for nobody').toHaveLength(ALL_ON_THE_WAY_MAX + 1)
  for (let i = 0; i < sent.length; i++) decided(sent[i] as number, null)
  await Promise.all([...said, ...late])
  expect(sent).toHaveLength(said.length + late.length)
})
