// What a channel is to the gateway: a name, a pager made by a plan, and whether another plan asks for another pager.
import type { Plan } from '../core/plan/plan.ts'
import type { Clock, Log } from '../ports.ts'
import type { MakePager } from './renewed.ts'

/** What a channel is made of. */
export type ChannelSetting = {
  plan: Plan
  /** The gateway's own folder: what a channel keeps between starts stands in a folder of its own there. */
  dataDir: string
  clock: Clock
  log: Log
}

export type Channel = {
  /** As the site file calls it in `targets`. */
  name: string
  /** Throws where the plan asks for what the channel does not offer. */
  make(setting: ChannelSetting): MakePager
  /** Whether pages by the later plan need another pager than by the one before. */
  isOtherwise(before: Plan, after: Plan): boolean
}
