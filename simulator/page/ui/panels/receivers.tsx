// The receivers in a list, each with what it has heard and published, and a switch.
import type { ReceiverView, RoomView } from '../../building.ts'
import { post } from '../act.ts'

type ReceiversProps = {
  receivers: readonly ReceiverView[]
  rooms: readonly RoomView[]
  run(action: Promise<void>): void
}

export function Receivers({ receivers, rooms, run }: ReceiversProps) {
  const nameOf = (id: string): string => {
    const room = rooms.find(other => other.id === id)
    return room === undefined ? id : `${room.number} ${room.name}`
  }
  return (
    <section class="panel" data-testid="receivers">
      <h2>Receivers</h2>
      <table>
        <thead>
          <tr>
            <th>Receiver</th>
            <th>Room</th>
            <th class="number">Heard</th>
            <th class="number published">Published</th>
            <th>Power</th>
          </tr>
        </thead>
        <tbody>
          {receivers.map(({ id, room, heard, published, isUp }) => (
            <tr key={id} data-receiver={id} data-up={isUp}>
              <td>{id}</td>
              <td>{nameOf(room)}</td>
              <td class="number">{heard}</td>
              <td class="number published">{published}</td>
              <td>
                <label class="switch">
                  <input
                    type="checkbox"
                    aria-label={`Receiver ${id} is on`}
                    checked={isUp}
                    onChange={event => run(post(`receivers/${id}`, { isUp: event.currentTarget.checked }))}
                  />
                  {isUp ? 'on' : 'off'}
                </label>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
