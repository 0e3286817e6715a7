// The person at 5150 in the demonstration: lets it ring a moment, lifts the handset, listens, presses 2:
// I have it, and am on my way.
import type { Phone, SimClock } from '../ports.ts'

/** Somebody has to put the tea down. */
const RINGS_MS = 1_500
/** Wearer, building and room have been said by then. */
const LISTENS_SECONDS = 4

/** Answers each call that rings and presses 2 in it, once. */
export function answerLikeAPerson(phone: Phone, clock: SimClock, tell: (text: string) => void): void {
  const noticed = new Set<string>()
  const pressed = new Set<string>()
  const lift = (id: string) => {
    if (phone.calls().find(call => call.id === id)?.state !== 'ringing') return
    tell('5150 lifts the handset')
    phone.answer()
  }
  phone.onChange(() => {
    for (const { id, state, heardSeconds } of phone.calls()) {
      if (state === 'ringing' && !noticed.has(id)) {
        noticed.add(id)
        tell('5150 rings')
        clock.after(RINGS_MS, () => lift(id))
      }
      if (state === 'talking' && heardSeconds >= LISTENS_SECONDS && !pressed.has(id)) {
        pressed.add(id)
        tell(`5150 has heard ${heardSeconds.toFixed(1)} s of it and presses 2`)
        phone.press('2')
      }
    }
  })
}
