// Numbers and names as a speech engine reads them: digits one by one and letters apart, in the phonemes of the installed
// espeak-ng and in the text that every engine is given.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { spokenName, spokenNumber, spokenText } from '../../../../../gateway/pagers/sip/words/spoken.ts'

describe('a number', () => {
  it.each([
    ['214', '2 1 4'],
    ['２１４', '2 1 4'],
    ['A 12', 'A, 1 2'],
    ['A12', 'A, 1 2'],
    ['12a', '1 2, A'],
    ['B12a', 'B, 1 2, A'],
    ['XI', 'X, I'],
    ['G.07', 'G, point 0 7'],
    ['2.07', '2 point 0 7'],
    ['12-14', '1 2 dash 1 4'],
    ['3/12', '3 slash 1 2'],
    ['WC', 'W, C'],
    ['Kitchen 2', 'Kitchen 2'],
    ['LAB 3', 'LAB 3'],
    ['No. 5', 'No 5'],
    ['—', '—'],
  ])('%s is read %s', (written, read) => expect(spokenNumber(written)).toBe(read))
})

describe('a name', () => {
  it.each([
    ['Jane Smith', 'Jane Smith'],
    ['A Smith', 'A, Smith'],
    ['J. R. Smith', 'J, R, Smith'],
    ['LI Wei', 'Li Wei'],
    ['Dr. No', 'Dr. No'],
    ['Block A', 'Block A'],
    ['Level B1', 'Level B, 1'],
    ['1st floor', '1st floor'],
  ])('%s is read %s', (written, read) => expect(spokenName(written)).toBe(read))

  it('a long number in a note is read digit by digit', () => {
    expect(spokenText('call 5150 after 17:30')).toBe('call 5 1 5 0 after 17:30')
  })
})

const phonemes = (text: string): string =>
  spawnSync('espeak-ng', ['-v', 'en-gb', '-x', '-q'], { input: text, encoding: 'utf8' }).stdout ?? ''
const hasVoice = spawnSync('espeak-ng', ['--version']).status === 0

/** needs: espeak-ng */
describe.runIf(hasVoice)('the installed voice', () => {
  it.each([
    ['the letter A', `room ${spokenNumber('A 12')}.`, /'eI[\s\S]*w'0n t'u:/],
    ['an initial', `${spokenName('A Smith')}.`, /'eI\s+sm'IT/],
    ['letters apart', `room ${spokenNumber('XI')}.`, /'Eks\s+'aI/],
    ['a point', `room ${spokenNumber('G.07')}.`, /dZ'i:\s+p'OInt z'i@roU s'Ev@n/],
    ['digits', `room ${spokenNumber('214')}.`, /t'u: w'0n f'o@/],
    ['a letter at the end', `room ${spokenNumber('12a')}.`, /w'0n t'u:\s+'eI/],
  ])('reads %s', (_, text, sounds) => expect(phonemes(text)).toMatch(sounds))

  it('neither says uh for A nor takes XI for a Roman number', () => {
    const all = phonemes(['A 12', 'XI', 'G.07'].map(spokenNumber).join('. ') + spokenName('. A Smith'))
    expect(all).not.toMatch(/a#|roUm@n|d0t/)
  })
})
