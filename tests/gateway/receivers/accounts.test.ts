// Passwords on their way through what is slow: whose turn it is, what is bounded, what is known already. The clock is the test's.
import { describe, expect, it } from 'vitest'
import { knownPasswords, newMemory, type Proved } from '../../../gateway/receivers/accounts/known.ts'
import { slowProofs } from '../../../gateway/receivers/accounts/slow.ts'
import { steppedClock } from '../../../simulator/clock.ts'

const WRONG_EACH_MS = 2_000

/** Proofs that end when the test says so; `started` is what has begun, in its order. */
function bench(atOnce = 1) {
  const clock = steppedClock(1_000)
  const slow = slowProofs(clock, atOnce)
  const started: string[] = []
  const ends: ((isRight: boolean) => void)[] = []
  const outcomes: string[] = []
  const prove = (from: string, account: string, isWanted = () => true): Promise<unknown> =>
    slow
      .prove({
        ...{ from, account, isWanted },
        run() {
          started.push(`${from} ${account}`)
          return new Promise(resolve => ends.push(resolve))
        },
      })
      .then(outcome => outcomes.push(`${from} ${account} ${outcome}`))
  const end = async (isRight: boolean): Promise<void> => {
    ends.shift()?.(isRight)
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { clock, started, outcomes, prove, end, running: () => ends.length }
}

describe('passwords to be proved', () => {
  it('run few at once, and each address in its turn, however many another brings', async () => {
    const { prove, started, end, running } = bench(2)
    for (let i = 0; i < 60; i++) void prove('attacker', `r-${i}`)
    void prove('box', 'r-7')
    expect(running()).toBe(2)
    await end(false)
    await end(false)
    expect(started.slice(0, 4)).toContain('box r-7')
    expect(running()).toBe(2)
  })

  it('of one account from one address wait for one another, five wrong ones at once and then one in two seconds', async () => {
    const { clock, prove, started, end, outcomes } = bench(4)
    for (let i = 0; i < 5; i++) {
      void prove('box', 'r-1')
      await end(false)
    }
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'box r-1 false'))
    void prove('box', 'r-1')
    void prove('box', 'r-2')
    void prove('other', 'r-1')
    expect(started.slice(5)).toEqual(['box r-2', 'other r-1'])
    clock.advance(WRONG_EACH_MS)
    expect(started.slice(7)).toEqual(['box r-1'])
  })

  it('of one address that goes through all accounts cost one each, then twenty and one a second; a blameless one goes on', async () => {
    const { clock, prove, started, end } = bench(1)
    const guessAll = async (): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        void prove('attacker', `r-${i}`)
        await end(false)
      }
    }
    await guessAll()
    expect(started).toHaveLength(60)
    await guessAll()
    expect(started).toHaveLength(60)
    void prove('attacker', 'r-99')
    expect(started.at(-1)).toBe('attacker r-99')
    await end(true)
    clock.advance(21_500)
    await end(false)
    expect(started).toHaveLength(62)
  })

  it('are bounded: of one account from one address four wait, of all 256, and who brings most gives way', async () => {
    const { prove, outcomes, started, end } = bench(1)
    for (let i = 0; i < 6; i++) void prove('box', 'r-1')
    await Promise.resolve()
    await Promise.resolve()
    expect(outcomes).toEqual(['box r-1 busy'])
    for (let i = 0; i < 400; i++) void prove('attacker', `r-${i}`)
    for (let i = 0; i < 3; i++) await Promise.resolve()
    expect(outcomes.filter(each => each.startsWith('attacker'))).toHaveLength(400 - 252)
    void prove('newcomer', 'r-1')
    for (let i = 0; i < 3; i++) await Promise.resolve()
    expect(outcomes.filter(each => each.startsWith('newcomer'))).toEqual([])
    for (let i = 0; i < 4; i++) await end(true)
    expect(started).toContain('newcomer r-1')
  })

  it('of whoever has gone meanwhile cost nothing', async () => {
    const { prove, started, end, outcomes } = bench(1)
    let isHere = true
    void prove('box', 'r-1')
    void prove('box', 'r-2', () => isHere)
    void prove('box', 'r-3')
    isHere = false
    await end(true)
    expect(started).toEqual(['box r-1', 'box r-3'])
    expect(outcomes).toContain('box r-2 busy')
  })
})

describe('passwords that are known', () => {
  it('are so to the next thread too, of this account and by this hash alone', () => {
    const memory = newMemory()
    const proved: Proved[] = []
    const first = knownPasswords(memory, one => proved.push(one))
    expect(first.verdictOn('r-1', 'hash', 'secret')).toBeUndefined()
    first.learn('r-1', 'hash', 'secret', true)
    expect(JSON.stringify(proved)).not.toContain('secret')
    const next = knownPasswords({ ...memory, proved })
    for (const known of [first, next]) {
      expect(known.verdictOn('r-1', 'hash', 'secret')).toBe('right')
      expect(known.verdictOn('r-1', 'hash', 'secret ')).toBeUndefined()
      expect(known.verdictOn('r-1', 'another hash', 'secret')).toBeUndefined()
      expect(known.verdictOn('r-2', 'hash', 'secret')).toBeUndefined()
    }
    expect(knownPasswords({ ...newMemory(), proved }).verdictOn('r-1', 'hash', 'secret')).toBeUndefined()
    first.forget('r-1')
    expect(first.verdictOn('r-1', 'hash', 'secret')).toBeUndefined()
  })

  it('the last eight wrong ones are refused for the price of a digest', () => {
    const known = knownPasswords(newMemory())
    for (let i = 0; i < 9; i++) known.learn('r-1', 'hash', `guess ${i}`, false)
    expect(known.verdictOn('r-1', 'hash', 'guess 0')).toBeUndefined()
    expect(known.verdictOn('r-1', 'hash', 'guess 1')).toBe('wrong')
    expect(known.verdictOn('r-1', 'hash', 'guess 8')).toBe('wrong')
  })
})
