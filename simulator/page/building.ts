// The simulated building as the developer's page sees and drives it, types and names only: what is shown, and what can be done.
// The simulator implements `Building`; the page knows nothing else of it.
import type { ArmedView } from '../../schemas/api/desk.ts'
import type { Lights, PhoneCall, PhoneMode } from '../ports.ts'

/** Metres on the plan, x to the right and y downwards as drawn. */
export type Point = { x: number; y: number }
export type Rect = { x: number; y: number; width: number; height: number }

export type RoomView = {
  id: string
  /** As on the door. */
  number: string
  name: string
  floor: string
  /** Absent where the plan does not say: the page then draws the room in a row below the plan. */
  rect?: Rect
}

export type ReceiverView = {
  id: string
  room: string
  at: Point
  isUp: boolean
  /** Advertisements heard on the air, and reports published, since the start. */
  heard: number
  published: number
}

/** The last frame that left a pendant's antenna, as far as the page tells it to a developer. */
export type FrameView = { atMs: number; hex: string }

/** Kinds 1 to 5 of schemas/frame. */
export type AlarmName = 'cord' | 'button' | 'assist' | 'man-down' | 'duress'

export type PendantView = {
  id: string
  wearer: string
  /** Where the world has put it: the truth, which the gateway has to find out. Null while it is outside. */
  room: string | null
  at: Point
  isPowered: boolean
  cordParted: boolean
  /** The alarm that its frames tell of now, as the pendant itself sends it; null while it is idle. */
  alarm: AlarmName | null
  buttonDown: boolean
  lights: Lights
  lastFrame?: FrameView
  /** What the firmware printed or threw, newest last; the last 50 lines at most. */
  log: readonly string[]
}

/** A call, and what it says, as far as the gateway tells its desk. */
export type CallView = PhoneCall & { said?: string }
export type PhoneView = { extension: string; mode: PhoneMode; calls: readonly CallView[] }

/** A recorded walk that plays under one pendant. */
export type ReplayView = {
  name: string
  pendant: string
  atSeconds: number
  lengthSeconds: number
  isPlaying: boolean
}

export type BuildingView = {
  simulatedAtMs: number
  site: string
  /** Where the gateway's desk page is; shown as a link. */
  deskUrl: string
  /** Whether an alarm now would reach somebody, as the gateway says; null while it does not answer. */
  armed: ArmedView | null
  rooms: readonly RoomView[]
  receivers: readonly ReceiverView[]
  pendants: readonly PendantView[]
  phone: PhoneView
  replay?: ReplayView
}

/** An action may be refused by throwing (or rejecting with) an Error whose message says what was expected and what came. */
export type Done = void | Promise<void>

/** What a hand can do to the button, by what it means in the firmware's README: cancel and duress are for an alarm. */
export const GESTURE_NAMES = ['okay', 'assist', 'hold', 'test', 'cancel', 'duress'] as const
export type Gesture = (typeof GESTURE_NAMES)[number]

export type Building = {
  view(): BuildingView
  /** Called after anything in the view changed, as often as it does; the answer stops it. The page throttles. */
  onChange(listener: () => void): () => void
  /** Parts the cord of a pendant; parted already is no error. */
  pull(pendant: string): Done
  replaceCord(pendant: string): Done
  /** Holds the button for `heldMs` of the simulator's clock; resolves when it is up again or as soon as it is down. */
  press(pendant: string, heldMs: number): Done
  /** A finger goes down on the button, or up again: the pendant's own clock decides what that was. */
  button(pendant: string, isDown: boolean): Done
  /** Plays a gesture's pattern on the button; refused while it is down or another one is played. */
  gesture(pendant: string, name: Gesture): Done
  /** Carries a pendant to the middle of a room. */
  move(pendant: string, room: string): Done
  setReceiver(receiver: string, isUp: boolean): Done
  phone: {
    /** The call with this id, or the one that rings longest. */
    answer(call?: string): Done
    hangUp(call?: string): Done
    /** What a call has heard so far: 16-bit mono samples at 8 kHz. */
    heard(call: string): Int16Array
    /** One of 0-9 * #, in the call it is talking in. */
    press(key: string): Done
    setMode(mode: PhoneMode): Done
  }
}
