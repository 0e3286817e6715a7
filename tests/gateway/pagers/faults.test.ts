// A fault of ours in one order: a page that has failed, and said, and never one that ends the gateway.
import { expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import type { Channel } from '../../../gateway/pagers/channel.ts'
import { startPagers } from '../../../gateway/pagers/pagers.ts'
import type { EngineEvent, PageOrder, ReplyOrder, Submit } from '../../../gateway/ports.ts'
import { site } from '../core/building.ts'

const fails = (): never => {
  throw new Error('name.normalize is not a function')
}
const broken: Channel = {
  name: 'sip',
  make: () => () => ({
    channel: 'sip',
    ...{ place: fails, withdraw: fails, reply: fails },
    prepare: async () => true,
    close: async () => {},
  }),
  isOtherwise: () => true,
}
const quiet = { info: () => {}, warn: () => {}, error: () => {} }

it('a page at which its channel fails has ended, and the fault is said', async () => {
  const heard: EngineEvent[] = []
  const submit: Submit = async event => {
    heard.push(event)
    return { refused: null }
  }
  const clock = { nowMs: () => 7, after: () => () => {} }
  const plan = planOf(site())
  const pagers = startPagers([broken], { plan, dataDir: '/nowhere', clock, log: quiet }, submit)
  const about = { page: 'i-0001-p1', channel: 'sip' }
  pagers.place(about as PageOrder)
  pagers.reply(about as Partial<ReplyOrder> as ReplyOrder)
  pagers.withdraw('i-0001-p1')
  pagers.place({ page: 'i-0001-p2', channel: 'pigeon' } as PageOrder)
  const ended = { step: 'ended', outcome: 'failed', detail: 'a fault of the program itself' }
  expect(heard.filter(({ kind }) => kind === 'page')).toEqual([
    { kind: 'page', page: 'i-0001-p1', atMs: 7, progress: ended },
    { kind: 'page', page: 'i-0001-p2', atMs: 7, progress: ended },
  ])
  expect(heard.flatMap(event => (event.kind === 'fault' ? [event.key] : []))).toEqual([
    'bug:placing a page',
    'bug:telling something in a page',
    'bug:ending a page',
    'bug:placing a page',
  ])
  await pagers.close()
})
