// What a walk has shown: which rooms look alike, where coverage is missing, where one more receiver would help, and what
// each room's receivers heard. Words first, numbers below.
import type { RoomReport, WalkReport } from '../../../../schemas/api/walk.ts'
import { barOf, SECONDS_AIM } from './words.ts'

type ReportProps = { report: WalkReport | null; title: string; isLive: boolean; hasWalks: boolean }

export function Report({ report, title, isLive, hasWalks }: ReportProps) {
  if (report === null)
    return (
      <section class="walk-report" data-testid="report" data-rooms={0}>
        <h2>{title}</h2>
        <p class="faint">
          {isLive || hasWalks
            ? 'Nothing to show yet.'
            : 'Nobody has walked this building. Until somebody does, rooms are named by the plan alone.'}
        </p>
      </section>
    )
  const { rooms, unwalked, pairs, compared, apart, coverage, advice } = report
  return (
    <section class="walk-report" data-testid="report" data-rooms={rooms.length}>
      <h2>{title}</h2>
      <div class="walk-finding" data-testid="report-pairs">
        <h3>Can the rooms be told apart?</h3>
        {compared === 0 ? (
          <p class="faint">Two rooms are needed for that.</p>
        ) : (
          <p class="walk-said" data-kind={pairs.length === 0 ? 'good' : 'note'}>
            {apart} of {compared} pairs of rooms can be told apart
            {pairs.length === 0 ? ': all of them.' : '. The worst:'}
          </p>
        )}
        <ul>
          {pairs.map(({ rooms: [a, b], text, confused }) => (
            <li key={`${a} ${b}`} class="walk-said" data-kind={confused >= 0.2 ? 'bad' : 'note'}>
              {text}
            </li>
          ))}
        </ul>
      </div>
      <div class="walk-finding" data-testid="report-coverage">
        <h3>Where is coverage missing?</h3>
        {coverage.length === 0 && (
          <p class="walk-said" data-kind="good">
            Every room walked is heard well by two receivers at least.
          </p>
        )}
        <ul>
          {coverage.map(({ room, text }) => (
            <li key={room} class="walk-said" data-kind="bad">
              {text}
            </li>
          ))}
        </ul>
        {unwalked.length > 0 && (
          <p class="faint" data-testid="report-unwalked">
            Not walked yet: {unwalked.map(({ door }) => door).join(', ')}
          </p>
        )}
      </div>
      <div class="walk-finding" data-testid="report-advice">
        <h3>Where would one more receiver help?</h3>
        <p>{advice === null ? 'Nowhere by much, as far as was walked.' : advice.text}</p>
        {advice !== null && (
          <p class="faint">
            A guess from how far receivers carry in this building: try it there, and walk again.
          </p>
        )}
      </div>
      <div class="walk-tables">
        <h3>What was heard</h3>
        {rooms.map(room => (
          <Room key={room.room ?? ''} room={room} />
        ))}
      </div>
    </section>
  )
}

function Room({ room: { room, door, seconds, looks, heard } }: { room: RoomReport }) {
  return (
    <details class="walk-table" data-room={room ?? ''}>
      <summary>
        <b>{door}</b>{' '}
        <span class={seconds < SECONDS_AIM ? 'walk-short' : 'faint'}>{Math.round(seconds)} s</span>{' '}
        <span class="faint">
          {heard[0] === undefined
            ? 'heard by nobody'
            : `loudest ${heard[0].receiver}, ${heard[0].medianDbm} dBm`}
        </span>
      </summary>
      <table>
        <caption class="faint">
          {looks} seconds in which anybody heard it; each level is the mean of one
        </caption>
        <thead>
          <tr>
            <th scope="col">Receiver</th>
            <th scope="col">Median</th>
            <th scope="col">Spread</th>
            <th scope="col">Heard</th>
          </tr>
        </thead>
        <tbody>
          {heard.map(({ receiver, medianDbm, spreadDb, lowDbm, highDbm, share }) => (
            <tr key={receiver}>
              <th scope="row">{receiver}</th>
              <td>
                {medianDbm} dBm <progress max={1} value={barOf(medianDbm)} aria-hidden="true" />
              </td>
              <td title={`from ${lowDbm} to ${highDbm} dBm in nine of ten`}>{spreadDb} dB</td>
              <td>{Math.round(100 * share)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
