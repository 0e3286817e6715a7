// Who was told and what they did: the pages of an incident, newest first, and what happens next.
import type { IncidentView, PageView } from '../../../schemas/api.ts'
import { clockWords, nextPageWords, pageSteps, pageWords } from './words.ts'

/** So many are always in sight; the others are a click away. */
const SHOWN = 3

export function Pages({ incident, nowMs }: { incident: IncidentView; nowMs: number }) {
  const pages = [...incident.pages].reverse()
  const next = incident.state === 'raised' ? nextPageWords(incident, nowMs) : undefined
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
          <Page key={page.id} page={page} nowMs={nowMs} />
        ))}
      </ol>
      {pages.length > SHOWN && (
        <details>
          <summary>{pages.length - SHOWN} earlier calls</summary>
          <ol class="pages-list">
            {pages.slice(SHOWN).map(page => (
              <Page key={page.id} page={page} nowMs={nowMs} />
            ))}
          </ol>
        </details>
      )}
    </section>
  )
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
        <span>attempt {page.attempt}</span>
      </span>
    </li>
  )
}
