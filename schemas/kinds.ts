// The kinds of alarm there are, one row each: how grave it is, and how it is named to people. Imports nothing: the desk's page
// has it too.

type Named = {
  /** What is graver than it was taken for is told anew; the gravest stands first. */
  gravity: number
  /** On the desk. */
  title: string
  /** Within a line of the story. */
  words: string
  /** What a page begins with. */
  opening: string
  /** To whoever was told of a less grave one. */
  worse: string
}

const ALARM = { opening: 'Personal alarm.', worse: 'It has grown worse: personal alarm.' }

export const KINDS = {
  cord: { gravity: 2, title: 'Cord pulled', words: 'cord pulled', ...ALARM },
  button: { gravity: 2, title: 'Button pressed', words: 'button held', ...ALARM },
  assist: {
    gravity: 1,
    title: 'Assistance',
    words: 'assistance asked for',
    opening: 'Assistance needed.',
    worse: 'It has grown worse: assistance needed.',
  },
  // Who is found on the floor may need more than company: whoever comes brings what that takes.
  'man-down': {
    gravity: 2,
    title: 'Man down',
    words: 'man down',
    opening: 'Personal alarm, man down.',
    worse: 'It has grown worse: man down.',
  },
  duress: {
    gravity: 3,
    title: 'DURESS',
    words: 'duress',
    opening: 'Personal alarm, duress.',
    worse: 'It has grown worse: duress.',
  },
  test: { gravity: 0, title: 'Test', words: 'test', ...ALARM },
} as const satisfies Record<string, Named>

export type Kind = keyof typeof KINDS
