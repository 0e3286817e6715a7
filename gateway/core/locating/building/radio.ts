// What is known of 2.4 GHz indoors before anything was measured: how strong, how spread, and how likely heard at all.
// Figures from the literature, none from a particular building; each names its reason.

/** A pendant of 0 dBm on a chest, heard at one metre: free space is -40, small antennas and the body take the rest. */
export const AT_ONE_METRE_DBM = -58
/** Free space; what walls and storeys take is counted apart (multi-wall model, COST 231). */
export const PATH_EXPONENT = 2
/** A light inner wall or a door in it, COST 231: 3.4 dB light, 6.9 dB heavy. */
export const WALL_DB = 3
/** Beyond this many walls the strongest way is no longer straight through them: corridors, doors, reflections. */
export const WALLS_MAX = 5
/** The first ceiling, COST 231: 18.3 dB for the first, less for the next. */
export const STOREY_DB = 15
/** Another building: its wall, ours, and the way between. */
export const BUILDING_DB = 40
/** Nobody is nearer than this to a receiver on a wall. */
export const DISTANCE_MIN_M = 1
/** What such a model is wrong by in one room and receiver: the shadowing of indoor surveys is 5 to 8 dB. */
export const MODEL_SD_DB = 5
/** How far one packet strays from the mean of its second: the three advertising channels and multipath. */
export const FADING_SD_DB = 4
/** Where a usual receiver loses half of the packets. */
export const SENSITIVITY_DBM = -90
/** Over how many dB the loss goes from nearly none to nearly all. */
const SENSITIVITY_SLOPE_DB = 4
/** Collisions, and a receiver that is on another channel: nobody hears everything. */
const HEARD_MAX = 0.7
export const HEARD_MIN = 0.005

/** The level expected over a distance, through walls and storeys. */
export function levelAt(distanceM: number, walls: number, storeys: number): number {
  const path = 10 * PATH_EXPONENT * Math.log10(Math.max(DISTANCE_MIN_M, distanceM))
  return AT_ONE_METRE_DBM - path - WALL_DB * Math.min(WALLS_MAX, walls) - STOREY_DB * storeys
}

/** How a receiver hears: at most so many packets, half as many at its sensitivity. */
export type Hearing = { most: number; sensitivityDbm: number }
export const USUAL_HEARING: Hearing = { most: HEARD_MAX, sensitivityDbm: SENSITIVITY_DBM }

/** The chance that one packet of this mean level is heard. */
export function heardAt(rssiDbm: number, { most, sensitivityDbm }: Hearing = USUAL_HEARING): number {
  const chance = most / (1 + Math.exp((sensitivityDbm - rssiDbm) / SENSITIVITY_SLOPE_DB))
  return Number.isNaN(rssiDbm) ? 0 : Math.max(HEARD_MIN, chance)
}

/** The level at which so many packets are heard: `heardAt` turned round. */
export function levelHeardAs(chance: number, { most, sensitivityDbm }: Hearing): number {
  const share = Math.min(0.99, Math.max(HEARD_MIN / most, chance / most))
  return sensitivityDbm - SENSITIVITY_SLOPE_DB * Math.log(1 / share - 1)
}

/**
 * The level that a distance reported by ESPresense stood for: its own formula, turned round.
 * distance = 10^((rssi@1m - rssi) / (10 absorption)).
 */
export function levelOfDistance(distanceM: number, atOneMetreDbm = -59, absorption = 3.5): number {
  return atOneMetreDbm - 10 * absorption * Math.log10(Math.max(0.1, distanceM))
}
