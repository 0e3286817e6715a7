// Nothing is open. That is only good news where the system can say so; whatever speaks against it is said in its place.
import type { DeskState } from '../state/desk.ts'
import { doubtOf } from '../words/doubt.ts'

type QuietProps = { desk: DeskState; isLost: boolean; nowMs: number }

export function Quiet({ desk, isLost, nowMs }: QuietProps) {
  const { receivers } = desk
  const online = receivers.filter(({ isOnline }) => isOnline).length
  const doubt = doubtOf(desk, isLost, nowMs)
  const listening = `${online} of ${receivers.length} receivers online`
  return (
    <div
      class={doubt === null ? 'quiet' : 'quiet quiet-doubt'}
      id="quiet"
      data-testid="quiet"
      data-quiet={doubt === null}
      tabIndex={-1}
    >
      <p class="quiet-word">{doubt?.headline ?? 'All quiet'}</p>
      {doubt?.reasons.map(reason => (
        <p key={reason}>{reason}</p>
      ))}
      {!isLost && (
        <p class="quiet-listening">
          {online === receivers.length ? `${online} receivers online` : listening}
        </p>
      )}
    </div>
  )
}
