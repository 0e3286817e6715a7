// Sessions: lone working that is expected. Who is alone where and until when, as the desk shows it and is told. Contracts only.
import { z } from 'zod'
import { By, written } from '../written.ts'

const AtMs = z.number().int()

/** A working day and a night shift's overtime; whoever stays longer signs in again. */
export const SESSION_MINUTES_MAX = 16 * 60

/**
 * How the pendant is heard: late after 60 s, silent after 100 s without a new frame (EN 50131-5-3, grade 3). One that is not
 * ours has no heartbeat, and is supervised by nobody. One that somebody else wears by now says nothing of whoever is signed in.
 */
export const PendantState = z.enum(['heard', 'late', 'silent', 'never-heard', 'unsupervised', 'given-away'])
export type PendantState = z.infer<typeof PendantState>

export const SessionView = z.strictObject({
  id: z.string(),
  pendant: z.string(),
  /** Who is alone, by name. */
  wearer: z.string(),
  /** The booked room's id, and as on its door: "211 Interview room A". Where they said they would be, not where they were heard. */
  room: z.string(),
  door: z.string(),
  building: z.string().nullable(),
  note: z.string().nullable(),
  sinceMs: AtMs,
  /** When they expect to be done. Later than this it is overdue. */
  untilMs: AtMs,
  /** Who signed them in. */
  by: z.string(),
  pendantState: PendantState.optional(),
  /** Why they had better not rely on it, in sentences: it was not heard, its battery is low, it has no heartbeat. */
  pendantWarning: z.string().optional(),
})
export type SessionView = z.infer<typeof SessionView>

/** POST /api/sessions. How long, not until when: clocks of browsers are not trusted. */
export const SignInBody = z.strictObject({
  by: By,
  pendant: z.string().min(1).max(64),
  room: z.string().min(1).max(64),
  minutes: z.number().int().min(1).max(SESSION_MINUTES_MAX),
  /** For whoever comes: never a client's name. */
  note: written(200, 'expected a note').optional(),
})

/** POST /api/sessions/:id/sign-out */
export const SignOutBody = z.strictObject({ by: By })
