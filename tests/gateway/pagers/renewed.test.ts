// A pager whose settings change while it runs: where its pages go, and which of the two is heard.
import { expect, it } from 'vitest'
import type { Plan } from '../../../gateway/core/plan/plan.ts'
import { type MakePager, renewedPager } from '../../../gateway/pagers/renewed.ts'
import type { EngineEvent, PageOrder, Submit } from '../../../gateway/ports.ts'

const order = (page: string) => ({ page }) as PageOrder
const ended = (page: string): EngineEvent => ({
  kind: 'page',
  page,
  atMs: 1,
  progress: { step: 'ended', outcome: 'busy', detail: '' },
})

function begin() {
  const done: string[] = []
  const heard: EngineEvent[] = []
  const says: Record<string, Submit> = {}
  const submit: Submit = async event => {
    heard.push(event)
    return { refused: null }
  }
  const make =
    (name: string): MakePager =>
    tell => {
      says[name] = tell
      return {
        channel: 'sip',
        place: ({ page }) => done.push(`${name} places ${page}`),
        withdraw: page => done.push(`${name} withdraws ${page}`),
        reply: ({ page }) => done.push(`${name} replies ${page}`),
        prepare: async () => done.push(`${name} prepares`) > 0,
        close: async () => void done.push(`${name} closes`),
      }
    }
  return { pager: renewedPager(make('old'), submit), make, done, heard, says }
}

it('new pages go to the new one, and the old one is closed when its last page is over', async () => {
  const { pager, make, done, says, heard } = begin()
  pager.place(order('p1'))
  pager.place(order('p2'))
  pager.renew(make('new'))
  pager.place(order('p3'))
  await says.old?.(ended('p1'))
  expect(done).not.toContain('old closes')
  await says.old?.(ended('p2'))
  expect(done).toEqual(['old places p1', 'old places p2', 'new places p3', 'old closes'])
  expect(heard).toEqual([ended('p1'), ended('p2')])
})

it('one without a page is closed at once, and a second renewal leaves no third behind', async () => {
  const { pager, make, done } = begin()
  pager.renew(make('new'))
  pager.renew(make('newest'))
  await pager.prepare({} as Plan, [])
  expect(done).toEqual(['old closes', 'new closes', 'newest prepares'])
})

it('what the old one says of its line or its telephones counts no more', async () => {
  const { pager, make, heard, says } = begin()
  pager.place(order('p1'))
  pager.renew(make('new'))
  await says.old?.({ kind: 'fault', key: 'sip', text: 'gone' })
  await says.old?.({ kind: 'target', channel: 'sip', target: '5150', fault: 'gone' })
  await says.new?.({ kind: 'fault', key: 'sip', text: null })
  expect(heard).toEqual([{ kind: 'fault', key: 'sip', text: null }])
})

it('what cannot be made changes nothing', () => {
  const { pager, done } = begin()
  expect(() =>
    pager.renew(() => {
      throw new Error('no')
    }),
  ).toThrow('no')
  pager.place(order('p1'))
  expect(done).toEqual(['old places p1'])
})

it('closing closes all that there are', async () => {
  const { pager, make, done } = begin()
  pager.place(order('p1'))
  pager.renew(make('new'))
  await pager.close()
  expect(done.filter(each => each.endsWith('closes')).sort()).toEqual(['new closes', 'old closes'])
})
