// What people write and others read: names, reasons and notes. Contracts only.
import { z } from 'zod'
import { readable } from './text.ts'

/** 1 to `max` characters that can be read on one line. What can't be seen is taken out; nobody is refused for it. */
export const written = (max: number, expected: string) =>
  z.string().overwrite(readable).trim().min(1, expected).max(max)

export const By = written(80, 'expected the name of whoever does this')
