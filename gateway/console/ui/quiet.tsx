// Nothing is open. That is only good news where the system can say so: it is not when the line is dead, when an alarm would
// reach nobody, or when a part is down.
import type { DeskState } from './desk.ts'

export function Quiet({ desk, isLost }: { desk: DeskState; isLost: boolean }) {
  const { receivers, technical, armed } = desk
  const online = receivers.filter(({ isOnline }) => isOnline).length
  const doubt = isLost
    ? 'Not connected: nothing new shows here'
    : !armed.isArmed
      ? 'Not armed: an alarm now might reach nobody'
      : technical.length > 0 || online < receivers.length
        ? 'No open incidents, but not everything works'
        : null
  const listening = `${online} of ${receivers.length} receivers online`
  return (
    <div class={doubt === null ? 'quiet' : 'quiet quiet-doubt'} data-testid="quiet">
      <p class="quiet-word">{doubt ?? 'All quiet'}</p>
      {!isLost && armed.reasons.map(reason => <p key={reason}>{reason}</p>)}
      <p class="quiet-listening">{online === receivers.length ? `${online} receivers online` : listening}</p>
    </div>
  )
}
