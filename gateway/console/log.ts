// What the console asks of a logger; pino's fits.
type Say = (fields: object, text: string) => void

export type Log = { info: Say; warn: Say; error: Say }
