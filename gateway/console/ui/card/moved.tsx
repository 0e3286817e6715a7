// Somebody has it, and the room is another one than they went to: loud on the card until somebody at this desk has seen it.
import type { Moved as Words } from '../words/moved.ts'

export function Moved({ words, onSeen }: { words: Words | null; onSeen(): void }) {
  if (words === null) return null
  return (
    <div class="incident-moved" role="alert" data-testid="moved">
      <p>
        <strong>{words.now}</strong> {words.before}
      </p>
      <button type="button" class="button" data-testid="moved-seen" onClick={onSeen}>
        They know
      </button>
    </div>
  )
}
