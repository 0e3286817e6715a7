// Before a walk: which pendant is carried, and how it is done.
import { useState } from 'preact/hooks'
import type { WalksView } from '../../../../schemas/api/walk.ts'
import type { Act } from './ask.ts'
import { SECONDS_AIM, SECONDS_PLENTY } from './words.ts'

type BeginProps = { walks: WalksView; isBusy: boolean; onAct(what: Act): void }

export function Begin({ walks, isBusy, onAct }: BeginProps) {
  const [pendant, setPendant] = useState(walks.pendants[0]?.id ?? '')
  return (
    <section class="walk-begin">
      <p>
        Carry one pendant through the building, and tap each room as you enter it. Stay {SECONDS_AIM} to{' '}
        {SECONDS_PLENTY} seconds and walk about in it, also where people sit. Its alarm works as ever
        meanwhile.
      </p>
      <div class="walk-start">
        <label>
          Pendant
          <select
            data-testid="walk-pendant"
            value={pendant}
            onChange={event => setPendant(event.currentTarget.value)}
          >
            {walks.pendants.map(({ id, wearer }) => (
              <option key={id} value={id}>
                {id} ({wearer})
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button button-main"
          data-testid="walk-start"
          disabled={isBusy || pendant === ''}
          onClick={() => onAct({ verb: 'start', pendant })}
        >
          Start walking
        </button>
      </div>
    </section>
  )
}
