// The two keys of the desk: A acknowledges the alarm in front, N goes to the next open one. They do nothing while somebody
// types, while a dialog is open, while a key is held down, or together with Ctrl, Alt or the like.
import { useEffect, useRef } from 'preact/hooks'
import { focusedIncident, goTo, pressNext } from './focus.ts'
import { type Front, inFront, nextOf } from './front.ts'

export const ACKNOWLEDGE_KEY = 'A'
export const NEXT_KEY = 'N'

type Keys = {
  /** Alarms that nobody has, and all that are open, by id, gravest first. */
  waiting: readonly string[]
  open: readonly string[]
}

export function useKeys(keys: Keys): void {
  const now = useRef(keys)
  now.current = keys
  const front = useRef<Front>({ id: null, before: null, sinceMs: 0 })
  const [first = null] = keys.waiting
  if (front.current.id !== first) front.current = { id: first, before: front.current.id, sinceMs: Date.now() }
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!isForUs(event)) return
      const { waiting, open } = now.current
      const key = event.key.toUpperCase()
      const focused = focusedIncident()
      const meant = inFront(waiting, focused, front.current, Date.now())
      const id = key === ACKNOWLEDGE_KEY ? meant : key === NEXT_KEY ? nextOf(open, focused, meant) : null
      if (id === null) return
      event.preventDefault()
      goTo(id)
      // The button itself: what it says while it works, and why it was not taken, stands beside it.
      if (key === ACKNOWLEDGE_KEY) pressNext(id)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

function isForUs({ key, target, repeat, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  if (repeat || ctrlKey || altKey || metaKey || key.length !== 1) return false
  if (document.querySelector('dialog[open]') !== null) return false
  return !(target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null)
}
