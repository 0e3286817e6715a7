// Somebody has it, and the room is another one than they went to: loud on the card until somebody at this desk has seen it.
import { useState } from 'preact/hooks'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { movedWords } from '../words/moved.ts'

export function Moved({ incident }: { incident: IncidentView }) {
  const [seen, setSeen] = useState<IncidentView | null>(null)
  const words = movedWords(incident, seen)
  if (words === null) return null
  return (
    <div class="incident-moved" role="alert" data-testid="moved">
      <p>
        <strong>{words.now}</strong> {words.before}
      </p>
      <button type="button" class="button" data-testid="moved-seen" onClick={() => setSeen(incident)}>
        They know
      </button>
    </div>
  )
}
