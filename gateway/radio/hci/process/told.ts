// What the outside is told of a radio, out of what its processes say one after the other. In: their words, and how they ended. Out:
// a state each time it changes, and `recovered` once what was wrong is proven not to be any more. Pure.
import type { RadioState } from '../../radio.ts'
import type { ScannerTell } from '../scanner.ts'

export type Told = {
  said(tell: ScannerTell): void
  /** A process crashed, hung or could not be started. */
  lost(why: string): void
  /** Whether nothing was heard where something should have been. */
  isDeaf(): boolean
}

export function createTold(tell: (state: RadioState) => void): Told {
  let trouble: RadioState | null = null
  let isMute = false

  const inTrouble = (state: RadioState): void => {
    const isNews = trouble?.kind !== state.kind || trouble.why !== state.why
    trouble = state
    if (isNews) tell(state)
  }
  const recovered = (): void => {
    const why = `it was ${trouble?.kind}: ${trouble?.why}`
    trouble = null
    tell({ kind: 'recovered', why })
  }

  return {
    said(said) {
      switch (said.is) {
        case 'listening':
          if (trouble === null) tell({ kind: 'listening', why: said.why })
          // That a deaf one has its scan on again is no proof that it hears.
          else if (trouble.kind !== 'deaf') recovered()
          return
        case 'hearing':
          if (trouble !== null) recovered()
          return
        case 'deaf':
          inTrouble({ kind: 'deaf', why: said.why })
          return
        case 'mute':
          if (said.why !== null) tell({ kind: 'mute', why: said.why })
          else if (isMute) tell({ kind: 'listening', why: 'it broadcasts again' })
          isMute = said.why !== null
          return
        case 'over':
          inTrouble({ kind: said.kind, why: said.why })
          return
        default:
          said satisfies never
      }
    },
    lost: why => inTrouble({ kind: 'restarting', why }),
    isDeaf: () => trouble?.kind === 'deaf',
  }
}
