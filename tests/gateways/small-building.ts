// The small building of the core's tests around a whole gateway in a process of its own, with the telephone at 5150: what
// most stories begin with. All that is started here is ended by `stop`.

import { writeFileSync } from 'node:fs'
import { accountsFileOf, accountsFileText } from '../../gateway/site/accounts/file.ts'
import type { Account } from '../../schemas/site/accounts.ts'
import type { Site } from '../../schemas/site.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import type { Phone, PhoneMode } from '../../simulator/ports.ts'
import { site as smallSite } from '../gateway/core/building.ts'
import {
  connectReceiver,
  type Folder,
  type GatewayProcess,
  portsToKeep,
  type ReceiverClient,
  siteFolder,
  startGatewayProcess,
} from './gateway-process.ts'

export type SmallBuilding = {
  /** The one that runs now. */
  readonly gateway: GatewayProcess
  readonly folder: Folder
  readonly phone: Phone
  /** A receiver of the site with its own account, connected until it is closed or all is stopped. */
  receiver(id: 'r-interview' | 'r-hall', options?: { beats?: boolean }): Promise<ReceiverClient>
  /** Starts the gateway again once it has ended: the same files, the same ports. */
  startAgain(): Promise<GatewayProcess>
  stop(): Promise<void>
}

/** Starts it. Unless it is said how the telephone behaves, it is unplugged. */
export async function startSmallBuilding(
  options: {
    site?: Site
    phone?: PhoneMode
    /** Where the gateway's log goes instead of to this test. */
    stdout?: number
    /** Where the gateway keeps its data; a folder of its own where it is left out. */
    data?: string
    /** The file of accounts beside the site file; none where it is left out. */
    accounts?: readonly Account[]
    /** Where the gateway is installed; this clone where it is left out. */
    home?: string
  } = {},
): Promise<SmallBuilding> {
  const site = options.site ?? smallSite()
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: options.phone ?? 'down' })
  const made = siteFolder({ ...site, sip: { ...site.sip, port: phone.address.port } })
  const folder = { ...made, data: options.data ?? made.data }
  if (options.accounts !== undefined)
    writeFileSync(accountsFileOf(folder.siteFile), accountsFileText(options.accounts), { mode: 0o600 })
  const receivers: ReceiverClient[] = []
  const ports = await portsToKeep()
  let gateway = await startGatewayProcess(folder, ports, options.stdout, options.home)
  return {
    get gateway() {
      return gateway
    },
    folder,
    phone,
    async receiver(id, options) {
      const password = `password-${id.slice('r-'.length)}`
      const receiver = await connectReceiver(gateway.mqtt, id, password, options)
      receivers.push(receiver)
      return receiver
    },
    async startAgain() {
      gateway = await startGatewayProcess(folder, ports, options.stdout, options.home)
      return gateway
    },
    async stop() {
      for (const receiver of receivers) await receiver.close()
      await gateway.stop()
      await phone.close()
      folder.remove()
    },
  }
}
