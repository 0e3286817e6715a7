// Where the keyboard is: which control comes next once an answer was given, and how much of the page the header covers.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The control that a card offers first carries this. */
export const NEXT = 'data-next'

const cardOf = (id: string): HTMLElement | null => document.getElementById(`incident-${id}`)

/** Brings an incident into sight, below the header, with the keyboard on what can be done for it first. */
export function goTo(id: string): void {
  const card = cardOf(id)
  card?.scrollIntoView({ block: 'start' })
  card?.querySelector<HTMLElement>(`[${NEXT}]`)?.focus({ preventScroll: true })
}

/** As a click on what can be done for it first. */
export const pressNext = (id: string): void => cardOf(id)?.querySelector<HTMLElement>(`[${NEXT}]`)?.click()

/** The incident in whose card the keyboard is; null where it is elsewhere. */
export const focusedIncident = (): string | null =>
  document.activeElement?.closest('[data-testid=incident]')?.getAttribute('data-incident') ?? null

/**
 * `moveOn(id)`: an answer about this incident was given. Its control is gone, so the keyboard goes on to the next of the same
 * incident, else to the first incident that is open, else to the words that nothing is. It stays where a person has put it since.
 */
export function useFocus(openIds: readonly string[]): { moveOn(id: string): void } {
  const [moved, setMoved] = useState<{ id: string } | null>(null)
  useEffect(() => {
    if (moved === null || !isNowhere()) return
    const card = cardOf(moved.id) ?? cardOf(openIds[0] ?? '')
    const place =
      card === null ? document.getElementById('quiet') : card.querySelector<HTMLElement>(`[${NEXT}]`)
    place?.focus({ preventScroll: card === null })
  }, [moved])
  return { moveOn: useCallback((id: string) => setMoved({ id }), []) }
}

/** The control that had the keyboard is gone, and nobody has put it anywhere since. */
const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body

/** The header's own height, for what scrolls beneath it to stop short of it (`--head` in desk.css). */
export function useHeadHeight() {
  const head = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const { current } = head
    if (current === null) return
    const observer = new ResizeObserver(() => {
      document.documentElement.style.setProperty('--head', `${current.offsetHeight}px`)
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return head
}
