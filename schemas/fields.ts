// Fields that many parts of the site file are made of.
import { z } from 'zod'
import { isVisible } from './text.ts'

export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected an id of a-z, 0-9 and -, at most 32 characters')
/** What is shown on a line and spoken: nothing invisible in it, for what is read and what is stored must be one. */
export const Text = z.string().refine(isVisible, 'expected text on one line, without invisible characters')
export const Spoken = Text.trim().min(1).max(80)
