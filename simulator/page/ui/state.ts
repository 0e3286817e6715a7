// What the components read: the building as it is now, whether the line to it is alive, and one action at a time, as hooks.
import { useEffect, useState } from 'preact/hooks'
import type { BuildingView } from '../building.ts'

export type Line = { view: BuildingView | null; isLive: boolean }

/** The building, drawn anew with every event; the browser reconnects by itself. */
export function useBuilding(): Line {
  const [view, setView] = useState<BuildingView | null>(null)
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    const source = new EventSource('/api/views')
    source.onmessage = message => {
      setView(JSON.parse(message.data) as BuildingView)
      setLive(true)
    }
    source.onerror = () => setLive(false)
    return () => source.close()
  }, [])
  useEffect(() => {
    document.body.dataset.connection = isLive ? 'live' : 'lost'
  }, [isLive])
  return { view, isLive }
}

/** Runs actions and keeps what the last one was refused for. */
export function useActions() {
  const [failure, setFailure] = useState<string | null>(null)
  const run = (action: Promise<void>): void => {
    setFailure(null)
    action.catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)))
  }
  return { failure, run }
}
