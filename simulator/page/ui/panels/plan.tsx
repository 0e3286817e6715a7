// The plan of one floor: rooms to click, receivers, and pendants where the world has really put them.
import type { BuildingView, PendantView, ReceiverView, Rect } from '../../building.ts'
import {
  ID_M,
  type Line,
  NAME_M,
  NUMBER_M,
  PENDANT_M,
  RECEIVER_M,
  receiverLabels,
  roomLabels,
} from '../labels.ts'
import { planOf, spread } from '../layout.ts'

type PlanProps = {
  view: BuildingView
  floor: string
  picked: string | null
  onPick(pendant: string): void
  onRoom(room: string): void
  onReceiver(receiver: string, isUp: boolean): void
}

/** Enter and Space do what a click does. */
function keyed(act: () => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    act()
  }
}

export function PlanView({ view, floor, picked, onPick, onRoom, onReceiver }: PlanProps) {
  const { rooms, bounds } = planOf(view, floor)
  const receivers = view.receivers.filter(({ room }) => rooms.some(drawn => drawn.room.id === room))
  const labels = roomLabels(rooms, receivers)
  const ids = receiverLabels(rooms, receivers)
  const isHere = ({ room }: { room: string | null }): boolean => rooms.some(drawn => drawn.room.id === room)
  const here = view.pendants.find(({ id }) => id === picked)?.room
  return (
    // biome-ignore lint/a11y/useSemanticElements: a plan is drawn, and SVG has no fieldset.
    <svg
      class="plan"
      viewBox={`${bounds.x} ${bounds.y} ${bounds.width} ${bounds.height}`}
      role="group"
      aria-label={`Plan of ${floor}`}
      data-testid="plan"
    >
      {rooms.map(({ room, rect }, i) => (
        // biome-ignore lint/a11y/useSemanticElements: a room is drawn, and SVG has no button element.
        <g
          key={room.id}
          class={room.id === here ? 'room room-here' : 'room'}
          role="button"
          tabindex={0}
          aria-label={`${labels[i]?.number.text ?? room.number} ${labels[i]?.name.text ?? room.name}: carry the picked pendant here`}
          data-testid="room"
          data-room={room.id}
          onClick={() => onRoom(room.id)}
          onKeyDown={keyed(() => onRoom(room.id))}
        >
          <rect {...rect} />
          {labels[i] !== undefined && (
            <>
              <Words line={labels[i].number} size={NUMBER_M} name="room-number" />{' '}
              <Words line={labels[i].name} size={NAME_M} name="room-name" />
            </>
          )}
        </g>
      ))}
      {receivers.map((receiver, i) => (
        <Receiver
          key={receiver.id}
          receiver={receiver}
          label={ids[i]}
          onClick={() => onReceiver(receiver.id, !receiver.isUp)}
        />
      ))}
      {spread(view.pendants.filter(isHere), PENDANT_M * 2.2).map(pendant => (
        <Pendant
          key={pendant.id}
          pendant={pendant}
          isPicked={pendant.id === picked}
          onClick={() => onPick(pendant.id)}
        />
      ))}
    </svg>
  )
}

function Words({ line, size, name }: { line: Line; size: number; name: string }) {
  const { text, box, anchor } = line
  // The baseline is most of a letter's size below its top.
  return (
    <text
      class={name}
      x={anchor === 'start' ? box.x : box.x + box.width}
      y={box.y + size * 0.9}
      text-anchor={anchor}
    >
      {text}
    </text>
  )
}

type ReceiverProps = { receiver: ReceiverView; label: Rect | undefined; onClick(): void }

function Receiver({ receiver, label, onClick }: ReceiverProps) {
  const { id, at, isUp, heard } = receiver
  return (
    // biome-ignore lint/a11y/useSemanticElements: a receiver is drawn, and SVG has no button element.
    <g
      class={isUp ? 'receiver' : 'receiver receiver-down'}
      role="button"
      tabindex={0}
      aria-label={`Receiver ${id}, ${isUp ? 'up' : 'down'}`}
      onClick={onClick}
      onKeyDown={keyed(onClick)}
    >
      <title>{`${id}: ${isUp ? `up, ${heard} heard` : 'down'}. Click to switch it ${isUp ? 'off' : 'on'}.`}</title>
      <path
        d={`M${at.x - RECEIVER_M} ${at.y + RECEIVER_M}h${RECEIVER_M * 2}l${-RECEIVER_M} ${-RECEIVER_M * 2}z`}
      />
      {label !== undefined && (
        <text x={label.x + label.width / 2} y={label.y + ID_M * 0.85}>
          {id}
        </text>
      )}
    </g>
  )
}

type DrawnPendant = PendantView & { drawnAt: { x: number; y: number } }

function Pendant({
  pendant,
  isPicked,
  onClick,
}: {
  pendant: DrawnPendant
  isPicked: boolean
  onClick(): void
}) {
  const { id, wearer, drawnAt, lights, alarm, isPowered } = pendant
  const isInAlarm = alarm !== null
  const initials = wearer
    .split(/\s+/)
    .map(word => word[0] ?? '')
    .join('')
    .slice(0, 2)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a pendant is drawn, and SVG has no button element.
    <g
      class={`pendant ${isPicked ? 'pendant-picked' : ''} ${isInAlarm ? 'pendant-alarm' : ''} ${isPowered ? '' : 'pendant-off'}`}
      role="button"
      tabindex={0}
      aria-label={`${initials}: ${wearer}, pendant ${id}${isInAlarm ? `, in alarm: ${alarm ?? 'cord'}` : ''}`}
      aria-pressed={isPicked}
      data-pendant={id}
      data-alarm={alarm ?? 'none'}
      onClick={onClick}
      onKeyDown={keyed(onClick)}
    >
      <circle cx={drawnAt.x} cy={drawnAt.y} r={PENDANT_M} />
      <text x={drawnAt.x} y={drawnAt.y + 0.09}>
        {initials}
      </text>
      {(['red', 'green', 'blue'] as const).map((colour, i) => (
        <circle
          key={colour}
          class={lights[colour] ? `led led-${colour} led-lit` : 'led'}
          cx={drawnAt.x + (i - 1) * 0.16}
          cy={drawnAt.y + PENDANT_M + 0.12}
          r={0.07}
        />
      ))}
    </g>
  )
}
