// In: what the desk is shown, and the site. Out: what is to stand on each topic, put into the box: incidents and health at once,
// receivers and pendants a few at a time, each with its announcement to Home Assistant the first time round.
import type { IncidentView } from '../../schemas/api/desk.ts'
import { OUT_HEALTH_EACH_MS, type OutHealth, outTopics } from '../../schemas/api/out.ts'
import type { Out } from '../../schemas/site/out.ts'
import type { Site } from '../../schemas/site.ts'
import { type Announced, announceGateway, announcePendant, announceReceiver } from './discovery.ts'
import { incidentDocument, incidentsDocument, isOpen } from './documents.ts'
import type { Outbox } from './outbox.ts'
import type { OutDesk } from './ports.ts'

/** A few milliseconds' work. Of a site with more, each comes round a little later. */
const AT_ONCE = 200

export type Teller = {
  /** Everything again, from this site on: what is not to stand there any more is taken away. */
  begin(site: Site): void
  /** All incidents as they are now. */
  allIncidents(incidents: readonly IncidentView[]): void
  incidents(news: Iterable<IncidentView>): void
  health(): void
  /** The next few; true once all came round since the site was begun. */
  things(): boolean
}

export function createTeller(box: Outbox, desk: OutDesk, out: Out): Teller {
  const topics = outTopics(out.id)
  const open = new Map<string, IncidentView>()
  let said = { text: '', atMs: Number.NEGATIVE_INFINITY }
  let announcing: (() => Announced)[] = []
  let ids: string[] = []
  let next = 0
  let isRound = false

  const set = (topic: string, document: object, isUrgent = false): void =>
    box.set(topic, JSON.stringify(document), { isUrgent })

  function tell(incident: IncidentView): void {
    const topic = topics.incident(incident.id)
    const text = JSON.stringify(incidentDocument(incident))
    if (isOpen(incident)) {
      open.set(incident.id, incident)
      box.set(topic, text, { isUrgent: true })
    } else if (open.delete(incident.id)) box.set(topic, null, { isUrgent: true, last: text })
  }
  function incidents(news: Iterable<IncidentView>): void {
    for (const incident of news) tell(incident)
    set(topics.incidents, incidentsDocument([...open.values()]), true)
  }

  return {
    begin(site) {
      announcing = announcementsOf(out, site)
      ids = site.pendants.map(({ id }) => id)
      next = 0
      isRound = false
      const staying = new Set([
        topics.health,
        topics.incidents,
        ...[...open.keys()].map(topics.incident),
        ...site.receivers.map(({ id }) => topics.receiver(id)),
        ...ids.map(topics.pendant),
        ...announcing.map(make => make().topic),
      ])
      for (const topic of [...box.topics()]) if (!staying.has(topic)) box.set(topic, null)
    },
    allIncidents(all) {
      const now = new Map(all.map(each => [each.id, each]))
      for (const id of [...open.keys()])
        if (!now.has(id)) {
          open.delete(id)
          box.set(topics.incident(id), null, { isUrgent: true })
        }
      incidents(now.values())
    },
    incidents,
    health() {
      const { atMs, ...health } = desk.health(out)
      const text = JSON.stringify(health)
      if (said.text === text && Math.abs(atMs - said.atMs) < OUT_HEALTH_EACH_MS) return
      said = { text, atMs }
      set(topics.health, { ...health, atMs } satisfies OutHealth, true)
    },
    things() {
      if (next === 0) for (const each of desk.receivers()) set(topics.receiver(each.id), each)
      for (const make of announcing.splice(0, AT_ONCE)) {
        const { topic, payload } = make()
        set(topic, payload)
      }
      for (const each of desk.pendants(ids.slice(next, next + AT_ONCE), out))
        set(topics.pendant(each.id), each)
      next += AT_ONCE
      if (next >= ids.length) next = 0
      isRound ||= next === 0 && announcing.length === 0
      return isRound
    },
  }
}

/** Made when their turn comes: of a large site there are thousands. */
function announcementsOf(out: Out, site: Site): (() => Announced)[] {
  if (!out.homeAssistant) return []
  const floors = site.buildings.flatMap(building => building.floors)
  const rooms = new Map(floors.flatMap(floor => floor.rooms.map(room => [room.id, room] as const)))
  const names = new Map(site.people.map(({ id, name }) => [id, name]))
  const door = (id: string): string => [rooms.get(id)?.number, rooms.get(id)?.name].filter(Boolean).join(' ')
  return [
    () => announceGateway(out, site.site),
    ...site.receivers.map(
      ({ id, room }) =>
        () =>
          announceReceiver(out, id, door(room)),
    ),
    ...site.pendants.map(
      ({ id, wearer }) =>
        () =>
          announcePendant(out, id, names.get(wearer) ?? wearer),
    ),
  ]
}
