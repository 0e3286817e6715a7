// What the doctor says: what was tried, whether it is well, what came of it, and what to do about it.

export type Finding = {
  /** What was tried. */
  tried: string
  /** `broken`: an alarm may be lost by it. `warning`: look at it, or it could not be known. */
  is: 'ok' | 'warning' | 'broken'
  came: string
  /** What to do about it, where that is not plain. */
  mend?: string
}

export const ok = (tried: string, came: string): Finding => ({ tried, is: 'ok', came })
export const warning = (tried: string, came: string, mend?: string): Finding =>
  mend === undefined ? { tried, is: 'warning', came } : { tried, is: 'warning', came, mend }
export const broken = (tried: string, came: string, mend?: string): Finding =>
  mend === undefined ? { tried, is: 'broken', came } : { tried, is: 'broken', came, mend }
