// In: what the desk shows of incidents. Out: the same as other systems are told of it (schemas/api/out), without notes, reasons and pages,
// which are for whoever works on them. Pure.
import type { IncidentView } from '../../schemas/api/desk.ts'
import type { OutIncident, OutIncidents } from '../../schemas/api/out.ts'

export const isOpen = ({ state }: Pick<IncidentView, 'state'>): boolean => state !== 'resolved'

export function incidentDocument(incident: IncidentView): OutIncident {
  const { id, state, kind, wearer, pendant, source, building, floor, presses, suspicion } = incident
  const { whereabouts, raisedAtMs, wearerCancelledAtMs, acknowledged, attended, resolved } = incident
  return {
    v: 1,
    id,
    state,
    kind,
    isSilent: isSilent(incident),
    isVerified: incident.verified,
    ...(suspicion !== undefined && { suspicion }),
    wearer,
    pendant,
    ...(source !== undefined && { source }),
    building,
    floor,
    room: [incident.roomNumber, incident.roomName].filter(part => part !== null).join(' ') || null,
    isRoomDoubtful: incident.isRoomDoubtful ?? false,
    otherRoom: incident.runnerUpRoom,
    confidence: whereabouts.confidence,
    raisedAtMs,
    presses,
    acknowledged,
    attended,
    resolved: resolved && { atMs: resolved.atMs, by: resolved.by, outcome: resolved.outcome },
    ...(wearerCancelledAtMs !== undefined && { wearerCancelledAtMs }),
  }
}

/** Of those that are open, in the order given. */
export function incidentsDocument(open: readonly IncidentView[]): OutIncidents {
  return {
    v: 1,
    open: open.map(({ id }) => id),
    count: open.length,
    unacknowledged: open.filter(({ state }) => state === 'raised').length,
    silent: open.filter(isSilent).length,
  }
}

const isSilent = ({ kind }: IncidentView): boolean => kind === 'duress'
