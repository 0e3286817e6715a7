// Somebody who wears a pendant in the building: where they are, what they do to it, and what can be seen of it.
import { alarmOnAir } from '../air/alarm-on-air.ts'
import type { Place } from '../air/radio.ts'
import { createRandom, seedOf } from '../air/random.ts'
import { middleOf, type Plan, roomAt } from '../building/plan.ts'
import type { PendantView, Point } from '../page/building.ts'
import type { Advertisement, PendantHost, SimClock } from '../ports.ts'
import { createHand, type Hand } from './hand.ts'
import { type Adjacency, placeOn, type Way, wayTo } from './walk.ts'

/** On a lanyard. */
const PENDANT_HEIGHT_METRES = 1.3
/** How often somebody walking is drawn anew. */
const STEP_MS = 200
/** How long somebody looks the same way. */
const TURN_MS = 15_000
const LOG_LINES_MAX = 50

export type Wearer = {
  /** Puts the battery in. */
  start(): void
  place(): Place
  view(): PendantView
  pull(): void
  replaceCord(): void
  press: Hand['press']
  button: Hand['button']
  gesture: Hand['gesture']
  walkTo(room: string): void
  /** Takes the battery out. */
  stop(): void
}

export type WearerOptions = {
  id: string
  name: string
  /** The key that its frames are sealed with; none where they are not. */
  key?: string | undefined
  host: PendantHost
  clock: SimClock
  plan: Plan
  doors: Adjacency
  /** The room to begin in. */
  room: string
  onChange: () => void
}

/** Somebody with the cord in place and the battery still out: `start` puts it in. */
export function createWearer({
  id,
  name,
  key,
  host,
  clock,
  plan,
  doors,
  room,
  onChange,
}: WearerOptions): Wearer {
  let way: Way = [startIn(plan, room)]
  let setOffAtMs = clock.nowMs()
  let cordParted = false
  let last: Advertisement | undefined

  const point = (): Point => placeOn(way, clock.nowMs() - setOffAtMs)
  /** Walking, ahead; standing or sitting, somewhere else every quarter of a minute. */
  const facing = (): number => {
    const [here, soon] = [point(), placeOn(way, clock.nowMs() - setOffAtMs + STEP_MS)]
    if (here.x !== soon.x || here.y !== soon.y) return Math.atan2(soon.y - here.y, soon.x - here.x)
    return 2 * Math.PI * createRandom(seedOf(id, Math.floor(clock.nowMs() / TURN_MS)))()
  }
  const setCord = (isParted: boolean) => {
    cordParted = isParted
    host.setPin('D1', isParted ? 1 : 0)
    onChange()
  }
  const hand = createHand(id, clock, isDown => {
    host.setPin('BTN', isDown ? 1 : 0)
    onChange()
  })
  const showSteps = (of: Way) => {
    const goal = of.at(-1)
    const here = point()
    onChange()
    if (way === of && goal !== undefined && (here.x !== goal.x || here.y !== goal.y))
      clock.after(STEP_MS, () => showSteps(of))
  }

  host.onAdvertisement(advertisement => {
    last = advertisement
    onChange()
  })
  host.onLights(onChange)
  host.setPin('D1', 0)
  host.setPin('BTN', 0)

  return {
    start: host.powerOn,
    place: () => ({ ...point(), height: PENDANT_HEIGHT_METRES, facing: facing() }),
    view: () => ({
      id,
      wearer: name,
      room: roomAt(plan, point()),
      at: point(),
      isPowered: true,
      cordParted,
      alarm: last === undefined ? null : alarmOnAir(last.data, { address: host.address, key }),
      buttonDown: hand.isDown(),
      lights: host.lights(),
      ...(last === undefined
        ? {}
        : { lastFrame: { atMs: last.atMs, hex: Buffer.from(last.data).toString('hex') } }),
      log: host.console().slice(-LOG_LINES_MAX),
    }),
    pull: () => setCord(true),
    replaceCord: () => setCord(false),
    press: hand.press,
    button: hand.button,
    gesture: hand.gesture,
    walkTo(to) {
      way = wayTo(plan, doors, point(), roomAt(plan, point()), to)
      setOffAtMs = clock.nowMs()
      showSteps(way)
    },
    stop() {
      way = [point()]
      host.powerOff()
    },
  }
}

function startIn(plan: Plan, room: string): Point {
  const rect = plan.get(room)
  if (rect === undefined) throw new Error(`expected a room of the plan (${[...plan.keys()]}), came ${room}`)
  return middleOf(rect)
}
