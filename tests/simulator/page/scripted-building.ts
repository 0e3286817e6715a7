// A building in memory that a test drives: every action is written down, and the view changes as a simulator's would.
import type { Building, BuildingView, PendantView } from '../../../simulator/page/building.ts'

export type ScriptedBuilding = Building & {
  done: string[]
  /** What the next action is refused with; null lets it be done. */
  refuseWith: string | null
  change(part: Partial<BuildingView>): void
  listeners: number
}

const pendant = (id: string, wearer: string, room: string, x: number, y: number): PendantView => ({
  id,
  wearer,
  room,
  at: { x, y },
  isPowered: true,
  cordParted: false,
  alarm: null,
  buttonDown: false,
  lights: { red: false, green: false, blue: false },
  log: ['tocsin p-07: ready'],
})

export function scriptBuilding(): ScriptedBuilding {
  const listeners = new Set<() => void>()
  let view: BuildingView = {
    simulatedAtMs: 1_000_000,
    site: 'Ashworth House',
    deskUrl: 'http://127.0.0.1:8080/',
    armed: { isArmed: true, reasons: [], sinceMs: 900_000 },
    rooms: [
      {
        id: 'bedroom',
        number: '211',
        name: 'Interview room 1',
        floor: 'First floor',
        rect: { x: 0, y: 2.12, width: 2.64, height: 5 },
      },
      {
        id: 'living',
        number: '212',
        name: 'Interview room 2',
        floor: 'First floor',
        rect: { x: 2.64, y: 2.12, width: 3.68, height: 5 },
      },
      {
        id: 'entry',
        number: '210',
        name: 'Entrance',
        floor: 'First floor',
        rect: { x: 0, y: 0, width: 1.985, height: 2.12 },
      },
      {
        id: 'hall',
        number: '200',
        name: 'Corridor',
        floor: 'First floor',
        rect: { x: 1.985, y: 0, width: 1.98, height: 2.12 },
      },
      { id: 'store', number: '009', name: 'Store', floor: 'Ground floor' },
    ],
    receivers: [
      { id: 'a1', room: 'living', at: { x: 5.48, y: 2.41 }, isUp: true, heard: 120, published: 118 },
      { id: 'a2', room: 'bedroom', at: { x: 0.79, y: 6.75 }, isUp: false, heard: 7, published: 7 },
    ],
    pendants: [
      pendant('p-07', 'Mira Patel', 'bedroom', 1.3, 4.6),
      pendant('p-08', 'Tom Ellis', 'living', 4.4, 4.6),
    ],
    phone: { extension: '5150', mode: 'manual', calls: [] },
  }
  const change = (part: Partial<BuildingView>): void => {
    view = { ...view, ...part }
    for (const listener of listeners) listener()
  }
  const setPendant = (id: string, part: Partial<PendantView>): void =>
    change({ pendants: view.pendants.map(other => (other.id === id ? { ...other, ...part } : other)) })
  const act = (what: string, run: () => void = () => {}): void => {
    if (building.refuseWith !== null) throw new Error(building.refuseWith)
    building.done.push(what)
    run()
  }
  const building: ScriptedBuilding = {
    done: [],
    refuseWith: null,
    change,
    get listeners() {
      return listeners.size
    },
    view: () => view,
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pull: id => act(`pull ${id}`, () => setPendant(id, { cordParted: true })),
    replaceCord: id => act(`replace ${id}`, () => setPendant(id, { cordParted: false })),
    press: (id, heldMs) => act(`press ${id} ${heldMs}`),
    button: (id, isDown) => act(`button ${id} ${isDown}`, () => setPendant(id, { buttonDown: isDown })),
    gesture: (id, name) => act(`gesture ${id} ${name}`),
    move: (id, room) => act(`move ${id} ${room}`, () => setPendant(id, { room })),
    setReceiver: (id, isUp) => act(`receiver ${id} ${isUp}`),
    phone: {
      answer: call => act(call === undefined ? 'answer' : `answer ${call}`),
      hangUp: call => act(call === undefined ? 'hang up' : `hang up ${call}`),
      // A second of a tone at 400 Hz.
      heard: call => {
        if (!view.phone.calls.some(({ id }) => id === call)) throw new Error(`expected a call, came ${call}`)
        return Int16Array.from({ length: 8_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 400 * i) / 8_000))
      },
      press: key => act(`key ${key}`),
      setMode: mode => act(`mode ${mode}`, () => change({ phone: { ...view.phone, mode } })),
    },
  }
  return building
}
