// One press, played and watched from the pin to the lights: what `npm run demo` does once its stage stands.
import type { DeskSnapshot } from '../../schemas/api/desk.ts'
import type { Site } from '../../schemas/site.ts'
import { readDesk } from '../gateway/desk.ts'
import type { PhoneMode, SimClock } from '../ports.ts'
import { seeComing } from './coming.ts'
import { answerLikeAPerson } from './phone.ts'
import { createRecordedAir, type Walk } from './replay.ts'
import { type DemoResult, resultOf } from './result.ts'
import type { Stage } from './stage.ts'
import { type Seen, watchDesk } from './watch.ts'

/** The receivers have this long to reach the broker and be seen at the desk. */
const ONLINE_MS = 15_000
/** Longer than every attempt of the demonstration's policy together. */
const PATIENCE_MS = 75_000
/** The firmware's hold is 600 ms. */
const BUTTON_HELD_MS = 1_000

export type Press = {
  walk: Walk
  pendant: Site['pendants'][number]
  kind: 'cord' | 'button'
  atSeconds: number
  leadSeconds: number
  phone: PhoneMode
}

export type Played = { result: DemoResult; isAsPromised: boolean }

/** Plays it. `isAsPromised` is whether a human acknowledged and the wearer was told. Throws where the stage falls. */
export async function playPress(
  stage: Stage,
  press: Press,
  clock: SimClock,
  broken: Promise<never>,
  tell: (text: string) => void,
): Promise<Played> {
  const { gateway, phone, host } = stage
  await receiversOnline(stage, press, clock, broken)
  tell(`${press.walk.receivers.length} receivers are online; the walk ${press.walk.name} begins`)
  if (press.phone === 'answer') answerLikeAPerson(phone, clock, tell)
  let wearerToldAtMs: number | null = null
  void seeComing(host, clock).then(atMs => {
    wearerToldAtMs = atMs
    tell("the pendant's lights say: somebody is coming")
  })

  const startedAtMs = clock.nowMs()
  const startSeconds = press.atSeconds - press.leadSeconds
  const walkSeconds = (atMs: number) => startSeconds + (atMs - startedAtMs) / 1_000
  stage.world.addPendant(host, createRecordedAir(press.walk, walkSeconds))
  host.powerOn()
  await Promise.race([new Promise<void>(resolve => clock.after(press.leadSeconds * 1_000, resolve)), broken])

  const truthRoom = press.walk.truthRoom(press.atSeconds)
  const pin = press.kind === 'cord' ? 'D1' : 'BTN'
  const pressedAtMs = clock.nowMs()
  host.setPin(pin, 1)
  if (press.kind === 'button') clock.after(BUTTON_HELD_MS, () => host.setPin(pin, 0))
  tell(
    `${press.pendant.id}: the ${press.kind === 'cord' ? 'cord is pulled' : 'button is held'}, truly in ${truthRoom}`,
  )

  const seen = await watchDesk({
    http: gateway.http,
    pendant: press.pendant.id,
    clock,
    untilMs: pressedAtMs + PATIENCE_MS,
    broken,
    isOver: now => isAnswered(now, wearerToldAtMs) || isUnanswered(now),
    tell,
  })
  const result = resultOf({
    pendant: press.pendant.id,
    firstWhereabouts: seen.firstWhereabouts,
    incident: seen.incident,
    calls: phone.calls(),
    truthRoom,
    pressedAtMs,
    wearerToldAtMs,
  })
  return { result, isAsPromised: isAnswered(seen, wearerToldAtMs) }
}

function isAnswered({ incident }: Seen, wearerToldAtMs: number | null): boolean {
  return incident?.acknowledged != null && wearerToldAtMs !== null
}

/** The ladder has been climbed as often as the policy says, and the desk is loudly told that nobody came. */
function isUnanswered({ incident, technical }: Seen): boolean {
  return incident?.state === 'raised' && technical.some(({ key }) => key === `unanswered:${incident.id}`)
}

async function receiversOnline(
  stage: Stage,
  { walk, pendant }: Press,
  clock: SimClock,
  broken: Promise<never>,
) {
  const untilMs = clock.nowMs() + ONLINE_MS
  for (;;) {
    const desk = await Promise.race([readDesk(stage.gateway.http), broken])
    const missing = walk.receivers.filter(id => !desk.receivers.some(by => by.id === id && by.isOnline))
    if (missing.length === 0) return expectNoIncident(desk, pendant.id)
    if (clock.nowMs() > untilMs)
      throw new Error(`expected every receiver of the walk online at the desk, still missing: ${missing}`)
    await Promise.race([new Promise<void>(resolve => clock.after(100, resolve)), broken])
  }
}

/** An open one from an earlier run would take this press in as its second, and every figure would be of the first. */
function expectNoIncident({ incidents }: DeskSnapshot, pendant: string): void {
  const open = incidents.find(one => one.pendant === pendant && one.state !== 'resolved')
  if (open !== undefined)
    throw new Error(
      `expected no open incident of ${pendant} in this journal, came ${open.id} (${open.state})`,
    )
}
