// What this page was told to be known: of each incident, as it stood when somebody said that they know of its room. A page that
// is loaded anew knows nothing (decisions.md).
import { useState } from 'preact/hooks'
import type { IncidentView } from '../../../../schemas/api/desk.ts'

export type Seen = {
  /** As it stood then; null where nobody said so here. */
  of(incident: IncidentView): IncidentView | null
  see(incident: IncidentView): void
}

export function useSeen(): Seen {
  const [seen, setSeen] = useState<ReadonlyMap<string, IncidentView>>(new Map())
  return {
    of: ({ id }) => seen.get(id) ?? null,
    see: incident => setSeen(before => new Map(before).set(incident.id, incident)),
  }
}
