// The channels that there are: one line each.
import type { Channel } from './channel.ts'
import { sipChannel } from './sip/channel.ts'

export const CHANNELS: readonly Channel[] = [sipChannel]
