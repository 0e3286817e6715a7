// In: a room number and a name as they are written. Out: the same words so that a speech engine reads them right.
// It reads 214 as "two hundred and fourteen", A as "uh", XI as "roman eleven" and a full stop after a letter as "dot".

import type { Form } from '../../../core/incident/sentence.ts'

/** What stands between digits or letters of a number, and how it is said. What is not here is not said. */
const MARKS: Readonly<Record<string, string>> = {
  '.': 'point',
  ',': 'point',
  '-': 'dash',
  '–': 'dash',
  '/': 'slash',
}
const LETTERS_MAX = 2
const ROMAN = /^[IVXLCDM]+$/
const TOKENS = /\p{L}[\p{L}\p{M}'’]*|\p{Nd}+|(?<=[\p{L}\p{Nd}])[.,\-–/](?=[\p{L}\p{Nd}])/gu

/**
 * A number as on a door, digit by digit and letters apart: "A12" is "A, 1 2", "2.07" is "2 point 0 7", "12a" is "1 2, A".
 * A word stays a word.
 */
export function spokenNumber(number: string): string {
  const tokens = number.normalize('NFKC').match(TOKENS) ?? []
  const said = tokens.map(token => {
    if (/^\p{Nd}/u.test(token)) return [...token].join(' ')
    return MARKS[token] ?? (isSpelt(token) ? spelt(token) : token)
  })
  return said.length === 0 ? number : said.reduce((all, word) => `${all}${pauseIn(all, word)} ${word}`)
}

/** A letter is read as one only where it stands by itself: a comma beside it, or a stop. */
const pauseIn = (before: string, word: string): string => {
  const isLetter = /(^|[ ,])\p{L}$/u.test(before) || /^\p{L}(,|$)/u.test(word)
  return isLetter ? ',' : ''
}

/** One letter, capitals that are no word, and what is read as a Roman number. */
const isSpelt = (word: string): boolean =>
  word.length === 1 ||
  (word === word.toUpperCase() &&
    (word.length <= LETTERS_MAX || ROMAN.test(word) || !/[AEIOUY]/.test(word.normalize('NFD'))))

const spelt = (word: string): string => [...word.toUpperCase()].filter(each => /\p{L}/u.test(each)).join(', ')

/** "LI" and "XI" are names of people; as capitals they are read as numbers. */
const ROMAN_NAME = /^[CDLMVX]I$/

/** The name of a person, a building or a floor: an initial is a letter, the A of "Block A" too. */
export function spokenName(name: string): string {
  const words = name.normalize('NFKC').split(/\s+/).filter(Boolean)
  return words
    .map((word, i) => {
      const pause = i === words.length - 1 ? '' : ','
      if (/^\p{L}$|^(\p{L}\.)+\p{L}?$/u.test(word)) return `${spelt(word)}${pause}`
      if (/^\p{Lu}\p{Nd}+$/u.test(word)) return `${spokenNumber(word)}${pause}`
      return ROMAN_NAME.test(word) ? `${word[0]}i` : word
    })
    .join(' ')
}

/** A sentence that people wrote: long numbers digit by digit. */
export const spokenText = (text: string): string =>
  text.normalize('NFKC').replace(/\p{Nd}{3,}/gu, digits => [...digits].join(' '))

/** As it is spoken: digits one by one, letters apart. */
export const SPOKEN: Form = {
  name: spokenName,
  number: spokenNumber,
  text: note => `${spokenText(note).replace(/[.!?…]+$/, '')}.`,
}
