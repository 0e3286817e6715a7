// The simulated building, put together: the plan, the pendant that was picked, the telephone at 5150, the receivers.
import { useEffect, useState } from 'preact/hooks'
import type { BuildingView } from '../building.ts'
import { post } from './act.ts'
import { ArmedPanel, ArmedPill } from './panels/armed.tsx'
import { Pendant } from './panels/pendant.tsx'
import { Phone } from './panels/phone.tsx'
import { PlanView } from './panels/plan.tsx'
import { Receivers } from './panels/receivers.tsx'
import { useActions, useBuilding } from './state.ts'

export function App() {
  const { view, isLive } = useBuilding()
  const { failure, run } = useActions()
  if (view === null) return <p class="waiting">Connecting to the simulator…</p>
  return (
    <>
      <header class="bar">
        <h1>
          Simulated building <span class="faint">{view.site}</span>
        </h1>
        {view.replay !== undefined && <Replay replay={view.replay} />}
        <time class="faint" data-testid="simulated-at">
          {new Date(view.simulatedAtMs).toLocaleTimeString('en-GB')}
        </time>
        <ArmedPill armed={view.armed} />
        <a class="desk-link" href={view.deskUrl} target="_blank" rel="noreferrer" data-testid="desk-link">
          Open the security desk
        </a>
      </header>
      {!isLive && (
        <p class="lost" role="alert" data-testid="connection-lost">
          No connection to the simulator. What you see is old. Trying again…
        </p>
      )}
      {failure !== null && (
        <p class="failure" role="alert" data-testid="failure">
          {failure}
        </p>
      )}
      <Building view={view} run={run} />
    </>
  )
}

function Building({ view, run }: { view: BuildingView; run(action: Promise<void>): void }) {
  const floors = [...new Set(view.rooms.map(room => room.floor))]
  const [floor, setFloor] = useState(floors[0] ?? '')
  const [picked, setPicked] = useState(view.pendants[0]?.id ?? null)
  const pendant = view.pendants.find(({ id }) => id === picked)
  const pendantFloor = view.rooms.find(room => room.id === pendant?.room)?.floor
  useEffect(() => {
    if (pendantFloor !== undefined) setFloor(pendantFloor)
  }, [pendantFloor])
  return (
    <div class="building">
      <main>
        {floors.length > 1 && (
          <nav class="floors" aria-label="Floors">
            {floors.map(name => (
              <button key={name} type="button" aria-pressed={name === floor} onClick={() => setFloor(name)}>
                {name}
              </button>
            ))}
          </nav>
        )}
        <PlanView
          view={view}
          floor={floor}
          picked={picked}
          onPick={setPicked}
          onRoom={room => {
            if (pendant !== undefined) run(post(`pendants/${pendant.id}/move`, { room }))
          }}
          onReceiver={(receiver, isUp) => run(post(`receivers/${receiver}`, { isUp }))}
        />
        <ArmedPanel armed={view.armed} deskUrl={view.deskUrl} extension={view.phone.extension} />
        <Receivers receivers={view.receivers} rooms={view.rooms} run={run} />
      </main>
      <aside>
        <Pendant pendants={view.pendants} rooms={view.rooms} pendant={pendant} onPick={setPicked} run={run} />
        <Phone phone={view.phone} nowMs={view.simulatedAtMs} run={run} />
      </aside>
    </div>
  )
}

function Replay({ replay }: { replay: NonNullable<BuildingView['replay']> }) {
  return (
    <span class="replay" data-testid="replay">
      {replay.isPlaying ? 'Playing' : 'Recorded walk'} {replay.name} under {replay.pendant}
      <progress max={replay.lengthSeconds} value={replay.atSeconds} />
      {Math.round(replay.atSeconds)} of {Math.round(replay.lengthSeconds)} s
    </span>
  )
}
