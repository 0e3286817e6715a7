// Whether an alarm now would reach somebody. In: what the gateway says of it. Out: a word in the bar, and below the plan,
// where it moves no button from under a finger, what is missing and how to mend it.
import type { ArmedView } from '../../../../schemas/api/desk.ts'

type ArmedProps = { armed: ArmedView | null }

export function ArmedPill({ armed }: ArmedProps) {
  const isWhole = armed?.isArmed === true && uncoveredOf(armed).length === 0
  const words =
    armed === null ? 'No gateway' : isWhole ? 'Armed' : armed.isArmed ? 'Partly armed' : 'Not armed'
  return (
    <span class={isWhole ? 'pill pill-armed' : 'pill'} data-testid="armed">
      {words}
    </span>
  )
}

const uncoveredOf = ({ uncovered = [] }: ArmedView): readonly string[] => uncovered

/** For a developer who has only just started all this: the first answer is always that nobody has clicked on the desk. */
export function ArmedPanel({
  armed,
  deskUrl,
  extension,
}: ArmedProps & { deskUrl: string; extension: string }) {
  if (armed === null) {
    return (
      <section class="panel not-armed" role="status" data-testid="not-armed">
        <h2>The gateway does not answer</h2>
        <p>No alarm is heard until it is back.</p>
      </section>
    )
  }
  if (armed.isArmed) return <PartlyArmed uncovered={uncoveredOf(armed)} />
  return (
    <section class="panel not-armed" role="status" data-testid="not-armed">
      <h2>Not armed: an alarm now might reach nobody</h2>
      <p>
        <b>{armed.reasons.join(' ')}</b>
      </p>
      <p>
        Armed takes three things: telephone {extension} on this page, not unplugged; a receiver that is on;
        and{' '}
        <a href={deskUrl} target="_blank" rel="noreferrer">
          the security desk
        </a>{' '}
        open in a browser with its sound on. Click on it once: a browser keeps a page silent until then.
        Meanwhile a pendant that asks whether anybody is listening is told no, or hears nothing, and blinks
        red, blue, red, blue.
      </p>
    </section>
  )
}

function PartlyArmed({ uncovered }: { uncovered: readonly string[] }) {
  if (uncovered.length === 0) return null
  return (
    <section class="panel not-armed" role="status" data-testid="partly-armed">
      <h2>Partly armed: in some rooms nobody would be heard</h2>
      <p>
        <b>No receiver is known to hear a pendant in {uncovered.join(', ')}.</b>
      </p>
      <p>Switch on the receivers that are off, in the list below.</p>
    </section>
  )
}
