// What the walk page reads, as hooks: the walk tests as they are now, alarms that nobody has, the line, and a report.
import { useEffect, useReducer, useState } from 'preact/hooks'
import type { LiveEvent } from '../../../../schemas/api/desk.ts'
import type { WalkReport, WalksView } from '../../../../schemas/api/walk.ts'
import { type DeskState, follow } from '../state/desk.ts'
import { type Connection, openLive } from '../state/live.ts'
import { type ReportOf, readReport, readWalks } from './ask.ts'

/** How often the report on a walk that goes on is read again. */
const REPORT_EACH_MS = 3_000

export type WalkLine = {
  desk: DeskState | null
  walks: WalksView | null
  connection: Connection
  skewMs: number
  /** Shows what an answer to our own request came back with. */
  answered(walks: WalksView): void
}

export function useWalkLine(): WalkLine {
  const [desk, put] = useReducer<DeskState | null, LiveEvent>(follow, null)
  const [walks, setWalks] = useState<WalksView | null>(null)
  const [connection, setConnection] = useState<Connection>({ state: 'connecting', sinceMs: Date.now() })
  const [skewMs, setSkewMs] = useState(0)
  useEffect(
    () =>
      openLive({
        onEvent: event => {
          put(event)
          if (event.kind === 'walks') setWalks(event.walks)
          // The live event of walk tests is not repeated to whoever comes late, or back.
          if (event.kind === 'snapshot' || event.kind === 'technical')
            readWalks().then(setWalks, () => undefined)
        },
        onConnection: setConnection,
        onSkew: setSkewMs,
      }),
    [],
  )
  useEffect(() => {
    document.body.dataset.connection = connection.state
  }, [connection])
  return { desk, walks, connection, skewMs, answered: setWalks }
}

/** The report that is asked for; read again by and by while `isLive`, and whenever `version` changes. */
export function useReport(of: ReportOf | null, isLive: boolean, version: string): WalkReport | null {
  const [report, setReport] = useState<WalkReport | null>(null)
  const key = of === null ? '' : JSON.stringify(of)
  useEffect(() => setReport(null), [key])
  useEffect(() => {
    if (of === null) return
    let isOver = false
    const read = (): void => {
      readReport(of).then(
        found => isOver || setReport(found),
        () => undefined,
      )
    }
    read()
    const again = isLive ? setInterval(read, REPORT_EACH_MS) : undefined
    return () => {
      isOver = true
      clearInterval(again)
    }
  }, [key, isLive, version])
  return report
}
