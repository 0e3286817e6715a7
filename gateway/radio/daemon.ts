// The receiver daemon, put together: a radio, a receiver, a spool and a link to the broker. Stopped so that what can still be said is
// said, and that what nobody took is on the disk.
import type { Log } from '../ports.ts'
import { type BrokerAddress, createLink } from './link.ts'
import { receiverOnRadio } from './on-radio.ts'
import type { Radio } from './radio.ts'
import type { BootClock } from './spool/boot.ts'
import { openSpool, type Spool } from './spool/spool.ts'

export type DaemonOptions = {
  id: string
  password: string
  broker: BrokerAddress
  /** Where what is heard outlives this process; without it in memory alone. */
  spoolFolder: string | null
  radio: Radio
  clock: BootClock
  log: Log
}

export type Daemon = { close(): Promise<void> }

export function startDaemon({ id, password, broker, spoolFolder, radio, clock, log }: DaemonOptions): Daemon {
  const spool = spoolFolder === null ? null : spoolIn(spoolFolder, id, clock, log)
  const receiver = receiverOnRadio({
    id,
    clock,
    radio,
    log,
    connect: events => createLink({ id, password, broker }, events),
    random: Math.random,
    ...(spool !== null && { spool, more: () => ({ spool: spool.state() }) }),
    onLink: linkTeller(broker, log),
  })
  return {
    async close() {
      await receiver.stop()
      await radio.close()
      await spool?.close()
    },
  }
}

function spoolIn(folder: string, id: string, clock: BootClock, log: Log): Spool {
  const spool = openSpool({
    folder,
    id,
    clock,
    onFault: why =>
      why === null
        ? log.info({ folder }, 'what is heard is kept on the disk')
        : log.error({ folder, why }, 'what is heard is kept in memory alone: the disk does not take it'),
  })
  const { left, unreadable, aside } = spool
  if (aside !== null)
    log.error(
      { aside },
      'frames of before cannot all be read by this version or this user: an alarm may be among them. They are kept aside',
    )
  if (left.length > 0 || unreadable > 0)
    log.info({ left: left.length, unreadable }, 'frames of before that nobody confirmed are told now')
  return spool
}

/** A link that fails again and again for one reason is one line. */
function linkTeller({ host, port }: BrokerAddress, log: Log): (isConnected: boolean, reason: string) => void {
  let said = ''
  return (isConnected, reason) => {
    if (said === reason) return
    said = reason
    if (isConnected) log.info({ host, port }, 'connected to the broker')
    else
      log.warn(
        { host, port, why: reason },
        'no link to the broker: what is heard waits, and it is tried again',
      )
  }
}
