// What is said within one turn of the event loop is one message, in its order, and nothing waits longer than that turn.
import { expect, it } from 'vitest'
import { together } from '../../../gateway/receivers/thread/together.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

it('one message a turn, in the order in which it was said; at once where something else is to be said after it', async () => {
  const posted: number[][] = []
  const { add, flush } = together<number>(all => posted.push(all))
  add(1)
  await Promise.resolve()
  add(2)
  expect(posted).toEqual([])
  await turn()
  expect(posted).toEqual([[1, 2]])
  add(3)
  flush()
  expect(posted).toEqual([[1, 2], [3]])
  add(4)
  await turn()
  expect(posted, 'nothing twice, and nothing empty').toEqual([[1, 2], [3], [4]])
})
