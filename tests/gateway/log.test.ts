import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLog, REDACTED } from '../../gateway/log.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'

function logged(pretty: boolean, use: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  use(createLog({ level: 'info', pretty, to }))
  return lines.join('')
}

describe.each([
  ['JSON', false],
  ['readable', true],
])('a log in %s', (_name, pretty) => {
  it('gives away no key and no password, however deep they stand', () => {
    const text = logged(pretty, log => {
      log.info({ site: { pendants: [{ id: 'p-01', key: KEY }] } }, `key ${KEY.toUpperCase()} was refused`)
      log
        .child({ sip: { password: 'opensesame' } })
        .warn({ receivers: [{ password: 'with "quotes" \\ in it' }] })
      log.error(new Error(`expected a key, came ${KEY}`))
    })
    expect(text.toLowerCase()).not.toContain(KEY)
    expect(text).not.toContain('opensesame')
    expect(text).not.toContain('quotes')
    expect(text).toContain(REDACTED)
    expect(text).toContain('p-01')
  })

  it('keeps what only looks like a secret: telephone keys, fault keys, hashes, frames', () => {
    const frame = '0201061416d2fc4559dfe4ddd1f133221100772e864d'
    const hash = 'ab'.repeat(32)
    const text = logged(pretty, log => log.info({ key: '1', fault: { key: 'sip' }, frame, hash }, 'page'))
    for (const kept of ['page', 'sip', frame, hash]) expect(text).toContain(kept)
    expect(text).not.toContain(REDACTED)
  })
})

it('a log says what an error was and what caused it', () => {
  const error = new Error('could not write', { cause: new Error('disk is full') })
  const line = JSON.parse(logged(false, log => log.error({ error }, 'commit')))
  expect(line.error.message).toBe('could not write')
  expect(line.error.cause.message).toBe('disk is full')
})

it('a log in JSON has one object a line, with a word for its level and the time in ISO 8601', () => {
  const line = JSON.parse(logged(false, log => log.debug('too low')) || '{}')
  expect(line).toEqual({})
  const { level, msg, time } = JSON.parse(logged(false, log => log.warn('low battery')))
  expect({ level, msg }).toEqual({ level: 'warn', msg: 'low battery' })
  expect(new Date(time).toISOString()).toBe(time)
})
