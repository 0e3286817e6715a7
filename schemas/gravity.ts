// How grave each kind of alarm is, for whoever orders them: the core, which calls anew for what is graver, and the desk's page.
import type { Kind } from './api/desk.ts'

/** Duress before all others, then whatever calls for help, then assistance. */
export const GRAVITY: Readonly<Record<Kind, number>> = {
  test: 0,
  assist: 1,
  'man-down': 2,
  button: 2,
  cord: 2,
  duress: 3,
}
