// A cell: a part of a room in which the levels are much alike. Rooms are told apart by their cells.

/** Arrays by receiver; a level below hearing is NaN. */
export type Cell = {
  /** The number of the room; the outside is one more than the last room. */
  room: number
  /** Its share of the room: over one room they sum to 1. */
  share: number
  levelDbm: Float64Array
  /** Of the true level about `levelDbm`, without the fading of single packets. */
  spreadDb: Float64Array
  /** The level as far as it is heard at all; where a walk did not tell, `levelDbm`: what is heard there is the loudest of it. */
  hearsDbm?: Float64Array
}
