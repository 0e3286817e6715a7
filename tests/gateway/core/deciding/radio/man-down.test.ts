// A pendant whose wearer does not move any more: from its frame to what is said on the telephone and read at the desk.
import { describe, expect, it } from 'vitest'
import { liveEvents, snapshotView } from '../../../../../gateway/core/view/desk-view.ts'
import { allPhrases } from '../../../../../gateway/pagers/sip/words/ahead.ts'
import { KIND_ASSIST, KIND_CORD, KIND_MAN_DOWN, TOLD_STORED } from '../../../../../schemas/frame.ts'
import { openBeacon } from '../../beacons.ts'
import { plan } from '../../building.ts'
import { createBench } from '../../engine.ts'
import { spoken } from '../../spoken.ts'

const down = (counter: number, alarmNumber = 1) => ({ counter, kind: KIND_MAN_DOWN, alarmNumber })

describe('a man-down frame', () => {
  it('is an incident, and its first page says man down, who and where in its first words', () => {
    const bench = createBench()
    const { pages, told } = bench.report(down(10))
    const phrases = [
      'Personal alarm, man down.',
      'Jane Smith.',
      'Northgate House, room 2 1 4,',
      'or room 1.',
      'Press 1 if you have it, 2 if you are on your way.',
    ]
    expect(pages).toMatchObject([{ page: 'i-0001-p1', target: '5150', withinMs: { reached: 10_000 } }])
    expect(spoken(pages[0])).toEqual(phrases)
    expect(told.map(({ data }) => openBeacon(data).told)).toEqual([TOLD_STORED])
    expect(allPhrases(plan()), 'rendered ahead').toEqual(expect.arrayContaining(phrases))
    expect(snapshotView(bench.state, bench.nowMs).incidents).toMatchObject([
      {
        kind: 'man-down',
        wearer: 'Jane Smith',
        roomNumber: '214',
        pages: [
          {
            said: 'Personal alarm, man down. Jane Smith. Northgate House, room 214, or room 1. Press 1 if you have it, 2 if you are on your way.',
            targetName: 'Security desk',
          },
        ],
      },
    ])
    expect(bench.incident().lines[0]?.text).toBe('Jane Smith: man down, Northgate House, room 214')
    expect(liveEvents(bench.state, bench.entries, bench.nowMs)).toMatchObject([
      { kind: 'incident', incident: { kind: 'man-down', state: 'raised' } },
    ])
  })

  it('follows the policy like a cord: on to the next step, and loud in the end', () => {
    const bench = createBench()
    bench.report(down(10))
    for (let i = 0; i < 30; i++) {
      for (const page of bench.incident().pages.filter(each => each.endedAtMs === undefined)) {
        bench.page(page.id, { step: 'ended', outcome: 'no-answer', detail: 'no answer within 10 s' })
      }
      bench.wait(3_000)
    }
    expect(new Set(bench.incident().pages.map(({ target }) => target))).toEqual(new Set(['5150', '5151']))
    expect(bench.state.technical.has('unanswered:i-0001')).toBe(true)
  })

  it('after an assist that somebody has, it is worse and called anew; a cord after it is the same incident', () => {
    const bench = createBench()
    bench.report({ counter: 5, kind: KIND_ASSIST, alarmNumber: 1 })
    bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
    const { pages } = bench.report(down(10, 2))
    expect(bench.incident()).toMatchObject({ kind: 'man-down', state: 'raised', acknowledged: null })
    expect(pages.map(page => spoken(page)[0])).toEqual(['Personal alarm, man down.'])
    bench.report({ counter: 20, kind: KIND_CORD, alarmNumber: 3 })
    expect(bench.incidents()).toHaveLength(1)
    expect(bench.incident()).toMatchObject({ presses: 3, kind: 'man-down' })
  })
})
