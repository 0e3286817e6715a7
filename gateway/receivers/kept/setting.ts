// What the broker's thread knows of telling other systems: on which topics, and what of them may be read. Pure.
import { outTopics } from '../../../schemas/api/out.ts'
import { OUT_PREFIX } from '../../../schemas/site/accounts.ts'
import type { Out } from '../../../schemas/site/out.ts'

/** Where nothing is told, there is none. */
export type KeptSetting = {
  status: string
  /** Under which all of it stands, as filters. */
  filters: readonly string[]
  /** What a subscriber may read of it: every topic that begins with one of these. */
  readable: readonly string[]
  /** On these a subscriber may say what it likes: nobody listens. */
  passedOver: readonly string[]
}

export function keptSetting(out: Out | undefined): KeptSetting | null {
  if (out === undefined) return null
  const { status, all } = outTopics(out.id)
  const announced = `${out.discoveryPrefix}/device/tocsin_${out.id}/`
  return {
    status,
    filters: [all, `${announced}+/config`],
    readable: [`${OUT_PREFIX}/`, ...(out.homeAssistant ? [`${out.discoveryPrefix}/`] : [])],
    passedOver: ['homeassistant/status', `${out.discoveryPrefix}/status`],
  }
}
