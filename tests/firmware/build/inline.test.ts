// The build's own step: what it makes of a script does the same, with fewer functions; and what is not sure is left alone.
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { inlined } from '../../../firmware/build/inline.ts'
import { byPlace } from '../../../firmware/build/numbers.ts'

const resultOf = (code: string): unknown =>
  new Script(`(() => {${code}})()`.replace('ANSWER', 'return')).runInNewContext()
const arrows = (code: string): number => code.match(/=>/g)?.length ?? 0

test.each([
  ['an expression', 'var f = a => a + 1;\nvar b = 4;\nANSWER f(b)'],
  [
    'a statement',
    'var o = { n: 1 };\nvar f = (x, by) => { let sum = x.n + by; x.n = sum; };\nf(o, 2 + 3);\nANSWER o.n',
  ],
  [
    'guards that return',
    'var o = { n: 1 };\nvar f = x => { if (x.n > 5) return; if (x.n === 1) { x.n = 2; return; } x.n = 3; };\nf(o);\nANSWER o.n',
  ],
  [
    'an assignment',
    'var o = { n: 7 };\nvar f = x => { if (x.n > 5) return 1; x.n = 0; return 2; };\no.m = 0;\no.m = f(o);\nANSWER [o.n, o.m].join()',
  ],
  [
    'a shorthand',
    'var f = id => { let key = id * 2; return { id, key }; };\nvar g = n => { return f(n) };\nANSWER JSON.stringify(g(4))',
  ],
  ['constants', 'var A = 3;\nvar B = A * 4 - 1;\nvar f = () => B + A;\nANSWER f()'],
])('puts %s in place', (_what, code) => {
  const made = inlined(code.replace('ANSWER', 'result =')).replace('result =', 'ANSWER')
  expect(arrows(made)).toBeLessThan(arrows(code))
  expect(resultOf(made)).toEqual(resultOf(code))
})

test.each([
  [
    'a name that means something else at the call',
    'var n = 1;\nvar f = () => n + 1;\nvar g = n => n + f();\nANSWER g(5)',
  ],
  ['a function that is called twice', 'var f = a => a + 1;\nANSWER f(1) + f(2)'],
  ['a function that calls itself', 'var f = a => a > 3 ? a : f(a + 1);\nANSWER f(1)'],
  [
    'a return in a loop',
    'var o = { n: 0 };\nvar f = x => { while (true) { if (x.n > 3) return; x.n++; } };\nf(o);\nANSWER o.n',
  ],
])('does not change what is: %s', (_what, code) => {
  const made = inlined(code.replace('ANSWER', 'result =')).replace('result =', 'ANSWER')
  expect(resultOf(made)).toEqual(resultOf(code))
})

test('a pendant has its numbers by place, and a name that is no field stops the build', () => {
  expect(byPlace('s.counter++; t.counter')).toBe('s[0]++; t.counter')
  expect(() => byPlace('s.nonsense')).toThrow(
    'expected a field of firmware/fields.ts after "s.", came nonsense',
  )
})
