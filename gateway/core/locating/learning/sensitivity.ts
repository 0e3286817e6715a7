// In: cells and the samples they were learnt from. Out: what each receiver hears of a pendant next to it, and the cells as far
// as they are heard at all: their levels are of the packets that came through, and from a weak place only the loudest do.
import type { Cell } from '../building/cell.ts'
import { type Hearing, heardAt, levelHeardAs, USUAL_HEARING } from '../building/radio.ts'
import { membersOf } from './mixture.ts'
import { type OnStep, SAMPLE_S, type Sample, UNWATCHED } from './samples.ts'

/** By receiver: packets caught in a cell, of so many sent while the receiver worked. */
type Tally = { caught: Float64Array; sent: Float64Array }

/** How many packets' worth of doubt there is that a receiver loses as many as usual, and a cell as many as its level says. */
const MOST_WORTH = 20
const CATCH_WORTH = 5
/** So far above the usual sensitivity a receiver's losses have other reasons. */
const CLEAR_DB = 12

/**
 * The cells with the level as far as each is heard (`hearsDbm`), and how each receiver hears, by its place in the layout.
 * Cells and receivers of which the samples say nothing are as their levels and the usual receiver have it.
 */
export function heardIn(
  cells: readonly Cell[],
  samples: readonly Sample[],
  receivers: number,
  onStep: OnStep = UNWATCHED,
): { cells: Cell[]; hearing: Hearing[] } {
  const tallies = talliesOf(cells, samples, receivers, onStep)
  const hearing = Array.from({ length: receivers }, (_, r) => hearingOf(cells, tallies, r))
  return { cells: cells.map((cell, c) => audible(cell, tallies[c] as Tally, hearing)), hearing }
}

function talliesOf(
  cells: readonly Cell[],
  samples: readonly Sample[],
  receivers: number,
  onStep: OnStep,
): Tally[] {
  const tallies = cells.map(() => ({
    caught: new Float64Array(receivers),
    sent: new Float64Array(receivers),
  }))
  membersOf(samples, cells, onStep).forEach(({ of, shares }, i) => {
    const sample = samples[i] as Sample
    of.forEach((c, k) => {
      const { caught, sent } = tallies[c] as Tally
      const weight = SAMPLE_S * (shares[k] as number)
      for (let r = 0; r < receivers; r++) {
        if (sample.works[r] !== true) continue
        caught[r] = (caught[r] as number) + weight * Math.min(sample.sent, sample.caught[r] as number)
        sent[r] = (sent[r] as number) + weight * sample.sent
      }
    })
  })
  return tallies
}

/** What a receiver catches where it is strong. */
function hearingOf(cells: readonly Cell[], tallies: readonly Tally[], r: number): Hearing {
  const { sensitivityDbm } = USUAL_HEARING
  let caught = MOST_WORTH * USUAL_HEARING.most
  let sent = MOST_WORTH
  cells.forEach(({ levelDbm }, c) => {
    if (!((levelDbm[r] as number) > sensitivityDbm + CLEAR_DB)) return
    caught += tallies[c]?.caught[r] ?? 0
    sent += tallies[c]?.sent[r] ?? 0
  })
  return { most: caught / sent, sensitivityDbm }
}

/** A cell that is heard more often than its level would be, or less often, counts as that much stronger or weaker. */
function audible(cell: Cell, { caught, sent }: Tally, hearing: readonly Hearing[]): Cell {
  const hearsDbm = cell.levelDbm.map((level, r) => {
    // Nobody knows how loud it would be there: that it was heard says nothing that could be compared.
    if (Number.isNaN(level)) return Number.NaN
    const how = hearing[r] as Hearing
    const expected = CATCH_WORTH * heardAt(level, how)
    return levelHeardAs(((caught[r] as number) + expected) / ((sent[r] as number) + CATCH_WORTH), how)
  })
  return { ...cell, hearsDbm }
}
