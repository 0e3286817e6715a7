// Who is at the desk: asked once, kept in this browser, sent with every answer. Sign-in will take its place.
const KEY = 'tocsin.operator'
export const NAME_LENGTH_MAX = 80

/** The name kept in this browser, or null where nobody has said it. */
export function readOperator(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // Storage is switched off: the name is then asked once per page.
  }
}

export function keepOperator(name: string): void {
  try {
    localStorage.setItem(KEY, name)
  } catch {
    // As above; the page itself still knows the name.
  }
}
