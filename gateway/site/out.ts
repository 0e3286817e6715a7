// What is odd in what other systems are told. A parsed Site in, each oddity at the path of the value to look at.
import type { Site } from '../../schemas/site.ts'
import type { Mismatch } from './expected.ts'

export const outAdvice = ({ out }: Site): Mismatch[] =>
  out?.positions
    ? [
        {
          path: ['out', 'positions'],
          expected: 'false: nobody is tracked until they ask for help',
          came: 'true: whoever may read it can follow each wearer from room to room',
        },
      ]
    : []
