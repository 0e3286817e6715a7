// Walk tests that were kept, newest first: each can be looked at, and the newest that stands taken back in one step.
import type { WalkSummary } from '../../../../schemas/api/walk.ts'
import { clockWords } from '../words/words.ts'
import type { Act } from './ask.ts'
import { lengthWords } from './words.ts'

type StoredProps = {
  walks: readonly WalkSummary[]
  shown: number | 'standing'
  isBusy: boolean
  onShow(walk: number | 'standing'): void
  onAct(what: Act): void
}

export function Stored({ walks, shown, isBusy, onShow, onAct }: StoredProps) {
  if (walks.length === 0) return null
  const newest = walks.find(({ withdrawn }) => withdrawn === null)
  return (
    <section class="walk-stored" data-testid="walks">
      <h2>Walks kept</h2>
      <p>
        <button
          type="button"
          class="pill"
          aria-pressed={shown === 'standing'}
          onClick={() => onShow('standing')}
        >
          All that stand together
        </button>
      </p>
      <ul>
        {walks.map(({ walk, atMs, by, pendant, lengthMs, rooms, withdrawn }) => (
          <li
            key={walk}
            class={withdrawn === null ? 'walk-one' : 'walk-one walk-undone'}
            data-walk={walk}
            data-stands={withdrawn === null}
          >
            <span class="walk-words">
              <b>Walk {walk}</b> by {by} with {pendant}, {new Date(atMs).toLocaleDateString()}{' '}
              {clockWords(atMs)}: {rooms} {rooms === 1 ? 'room' : 'rooms'} in {lengthWords(lengthMs)}
              {withdrawn !== null && (
                <em>
                  {' '}
                  undone by {withdrawn.by}, {clockWords(withdrawn.atMs)}
                </em>
              )}
            </span>
            {withdrawn === null && (
              <button type="button" class="pill" aria-pressed={shown === walk} onClick={() => onShow(walk)}>
                Look
              </button>
            )}
            {walk === newest?.walk && (
              <button
                type="button"
                class="pill"
                data-testid="walk-withdraw"
                disabled={isBusy}
                onClick={() => onAct({ verb: 'withdraw', walk })}
              >
                Undo
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
