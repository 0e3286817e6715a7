// What the chip's interpreter has of the language's own objects (read off Espruino 2v29), for the build to refuse what
// it has not and for the simulator to take away what it has not.

/** Members of the objects themselves: `Number.isNaN`, for one, is not there. */
export const STATICS: { [name: string]: readonly string[] } = {
  Array: ['isArray'],
  Date: ['now', 'parse'],
  JSON: ['parse', 'stringify'],
  Math: [
    ...[
      'E',
      'LN10',
      'LN2',
      'LOG10E',
      'LOG2E',
      'PI',
      'SQRT1_2',
      'SQRT2',
      'abs',
      'acos',
      'asin',
      'atan',
      'atan2',
    ],
    ...[
      'ceil',
      'cos',
      'exp',
      'floor',
      'log',
      'max',
      'min',
      'pow',
      'random',
      'round',
      'sign',
      'sin',
      'sqrt',
      'tan',
    ],
  ],
  Number: ['MAX_VALUE', 'MIN_VALUE', 'NEGATIVE_INFINITY', 'NaN', 'POSITIVE_INFINITY'],
  Object: [
    ...['assign', 'create', 'defineProperties', 'defineProperty', 'entries', 'fromEntries', 'keys', 'values'],
    ...['getOwnPropertyDescriptor', 'getOwnPropertyDescriptors', 'getOwnPropertyNames'],
    ...['getPrototypeOf', 'setPrototypeOf'],
  ],
  Promise: ['all', 'reject', 'resolve'],
  String: ['fromCharCode'],
  Uint8Array: [],
}

const EACH = ['every', 'fill', 'filter', 'find', 'findIndex', 'forEach', 'includes', 'indexOf', 'join', 'map']

/** Members of what they make. */
export const METHODS: { [name: string]: readonly string[] } = {
  Array: [
    ...EACH,
    'concat',
    'length',
    'pop',
    'push',
    'reduce',
    'reverse',
    'shift',
    'slice',
    'some',
    'sort',
  ].concat(['splice', 'toString', 'unshift']),
  Uint8Array: [
    ...EACH,
    'buffer',
    'byteLength',
    'byteOffset',
    'length',
    'reduce',
    'reverse',
    'set',
    'slice',
  ].concat(['some', 'sort', 'subarray', 'toString']),
  Number: ['toFixed', 'toString', 'valueOf'],
  String: [
    ...[
      'charAt',
      'charCodeAt',
      'concat',
      'endsWith',
      'includes',
      'indexOf',
      'lastIndexOf',
      'length',
      'match',
    ],
    ...['padEnd', 'padStart', 'repeat', 'replace', 'replaceAll', 'slice', 'split', 'startsWith', 'substr'],
    ...['substring', 'toLowerCase', 'toString', 'toUpperCase', 'trim', 'valueOf'],
  ],
  RegExp: ['exec', 'test'],
  Promise: ['then', 'catch'],
}

/** Globals of the language that the chip lacks altogether. */
export const MISSING: readonly string[] = [
  ...[
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'WeakRef',
    'FinalizationRegistry',
    'Symbol',
    'Proxy',
    'Reflect',
    'BigInt',
  ],
  ...['BigInt64Array', 'BigUint64Array', 'SharedArrayBuffer', 'Atomics', 'Intl', 'WebAssembly', 'Iterator'],
  ...[
    'AggregateError',
    'EvalError',
    'RangeError',
    'URIError',
    'escape',
    'unescape',
    'encodeURI',
    'decodeURI',
  ],
]
