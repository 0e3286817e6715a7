// The keys under which the journal keeps counters: a pendant's id for those of its frames, with a prefix for those of its beacons.

const PREFIX = 'beacon:'

/** Pendants' ids have no colon. */
export const beaconKey = (pendant: string): string => `${PREFIX}${pendant}`
/** The pendant whose beacon counters these are; null where it is a counter of frames. */
export const beaconsOf = (key: string): string | null =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null
