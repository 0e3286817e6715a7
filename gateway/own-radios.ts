// The radios of the gateway's own machine, as the rest of the gateway sees receivers: the site names them, what they hear is
// submitted, and they broadcast what the wearers are told.
import type { Site } from '../schemas/site.ts'
import type { Clock, Log, Submit, ToldOrder } from './ports.ts'
import { openRadio } from './radio/hci/process/keeper.ts'
import { type LocalRadios, localRadios } from './radio/local.ts'
import { localLists } from './receivers/local-lists.ts'

export type OwnRadios = {
  setSite(site: Pick<Site, 'receivers'>): void
  tell(orders: readonly ToldOrder[]): void
  close(): Promise<void>
}

export type OwnRadiosOptions = {
  site: Pick<Site, 'receivers'>
  submit: Submit
  clock: Clock
  log: Log
  open?: (device: string) => Radio
}

type Radio = ReturnType<typeof openRadio>

export function ownRadios({ site, submit, clock, log, open }: OwnRadiosOptions): OwnRadios {
  const opened = open ?? (device => openRadio({ device, clock, log }))
  const radios: LocalRadios = localRadios({ submit, clock, log, open: opened })
  const lists = localLists((receiver, order) => radios.order(receiver, order), clock, log)
  const setSite: OwnRadios['setSite'] = ({ receivers }) => {
    radios.setReceivers(receivers)
    lists.setReceivers(receivers.flatMap(({ id, radio }) => (radio === undefined ? [] : [id])))
  }
  setSite(site)
  return {
    setSite,
    tell: lists.take,
    async close() {
      lists.close()
      await radios.close()
    },
  }
}
