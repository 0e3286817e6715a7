// What a Bangle.js has beyond a Puck.js: a screen and a motor, which only tell what they were asked for, and its own name
// for the accelerometer.

type Screen = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The globals `g` and `Bangle`; `shown` gets "screen WORDS" at each flip, and "buzz 150". */
export const bangleGlobals = (
  shown: (what: string) => void,
  sensor: Readonly<Record<string, unknown>>,
): Screen => {
  let words: string[] = []
  return {
    g: {
      clear: () => {
        words = []
      },
      setFont: () => {},
      setFontAlign: () => {},
      drawString: (text: unknown) => {
        words.push(String(text))
      },
      flip: () => shown(`screen ${words.join(' ')}`.trim()),
    },
    Bangle: {
      ...sensor,
      buzz: (forMs: unknown) => shown(`buzz ${forMs}`),
      setOptions: () => {},
    },
  }
}
