// What pagers write to the log: pino's logger fits, and so does a list in a test.

export type PagerLog = {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}
