// Who was told and what they did: the pages of an incident, newest first, and what happens next.
import type { IncidentView, PageView } from '../../../../schemas/api/desk.ts'
import { clockWords, earlierWords, nextPageWords, pageSteps, pageWords } from '../words/words.ts'

/** So many are always in sight; the others are a click away. */
const SHOWN = 3

type PagesProps = {
  incident: IncidentView
  nowMs: number
  /** Since when nothing new shows here; null while the line is whole. */
  lostAtMs: number | null
}

export function Pages({ incident, nowMs, lostAtMs }: PagesProps) {
  const pages = [...incident.pages].reverse()
  const next = incident.state === 'raised' ? nextWords(incident, nowMs, lostAtMs) : undefined
  // What was last heard of a call is as old as the line: its seconds do not go on.
  const knownAtMs = lostAtMs ?? nowMs
  return (
    <section class="pages">
      {next === null ? (
        <p class="pages-next pages-none" role="alert" data-testid="next-page">
          No further call is planned. Telephone now.
        </p>
      ) : (
        next !== undefined && (
          <p class="pages-next" data-testid="next-page">
            {next}
          </p>
        )
      )}
      <ol class="pages-list" data-testid="pages">
        {pages.slice(0, SHOWN).map(page => (
          <Page key={page.id} page={page} nowMs={knownAtMs} />
        ))}
      </ol>
      {pages.length > SHOWN && (
        <details>
          <summary>{earlierWords(pages.length - SHOWN)}</summary>
          <ol class="pages-list">
            {pages.slice(SHOWN).map(page => (
              <Page key={page.id} page={page} nowMs={knownAtMs} />
            ))}
          </ol>
        </details>
      )}
    </section>
  )
}

/** No countdown runs to what this page would not hear of. */
function nextWords(incident: IncidentView, nowMs: number, lostAtMs: number | null): string | null {
  if (lostAtMs === null) return nextPageWords(incident, nowMs)
  return `Whether anybody is called now is not known here. As it was at ${clockWords(lostAtMs)}:`
}

function Page({ page, nowMs }: { page: PageView; nowMs: number }) {
  const { text, tone } = pageWords(page, nowMs)
  return (
    <li
      class={`page page-${tone}`}
      data-testid="page"
      data-page={page.id}
      data-outcome={page.outcome ?? 'open'}
    >
      <span class="page-who">
        <b>{page.target}</b> {page.targetName}
      </span>
      <span class="page-now" title={page.detail}>
        {text}
      </span>
      <span class="page-steps">
        {pageSteps(page).map(step => (
          <span key={step.text}>
            {step.text} {clockWords(step.atMs)}
          </span>
        ))}
        <span>
          round {page.round}, attempt {page.attempt}
        </span>
      </span>
    </li>
  )
}
