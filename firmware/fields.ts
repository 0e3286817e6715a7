// The numbers that a pendant is: its settings, and what it knows between two turns. By name here and in tests; on the
// chip the build keeps them in one Float64Array, `s.holdMs` as `s[1]`, because an object would cost 150 variables more
// and a search through its names at each look (build/numbers.ts; the pendant is therefore always called `s`).

/** The numbers of `tocsin.json`, in the order of the lines in settings.ts. `counter` counts on from there. */
export const SETTING_FIELDS = [
  'counter',
  'holdMs',
  'cordDebounceMs',
  'buttonDebounceMs',
  'heartbeatMs',
  'idleMs',
  'burstMs',
  'resealMs',
  'slowMs',
  'toldMs',
  'timeoutMs',
  'scanMs',
  'scanEveryMs',
  'batteryLowPercent',
  'txPowerDbm',
  'pressMinMs',
  'pressMaxMs',
  'gapMinMs',
  'gapMaxMs',
  'quietMs',
  'cancelHoldMs',
  'cancelHoldMaxMs',
  'testPresses',
  'testPaceMs',
  'okayMs',
  'cancelMs',
  'testMs',
  'stuckMs',
  'cordArmMs',
  'cordSettleMs',
  'cordPull',
  'capacityMah',
  'cordUa',
  'askEveryMs',
  'telling',
] as const

/** Instants end in AtMs, truths are 0 or 1. state.ts says what is not plain from its name. */
export const STATE_FIELDS = [
  'atMs',
  'bootAtMs',
  'mark',
  'number',
  'packetId',
  'battery',
  'daysLeft',
  'alarmKind',
  'alarmAtMs',
  'alarmSignAtMs',
  'told',
  'eventKind',
  'eventAtMs',
  'eventUntilMs',
  'firstCounter',
  'frameCounter',
  'beaconCounter',
  'isMeasuring',
  'isCordParted',
  'closedAtMs',
  'isCordFaulty',
  'isPullFaulty',
  'isButtonFaulty',
  'isStorageFaulty',
  'isMarkLost',
  'hasErred',
  'hasKey',
  'isUnset',
  'mood',
  'lightStep',
  'isButtonDown',
  'pressedAtMs',
  'releasedAtMs',
  'presses',
  'isSpoiled',
  'isQuiet',
  'slowPresses',
  'slowAtMs',
  'armAtMs',
  'holdAtMs',
  'groupAtMs',
  'stuckAtMs',
  'sealAtMs',
  'scanAtMs',
  'lightAtMs',
  'measureAtMs',
  'askAtMs',
  'isDoubtful',
  'isDeaf',
  'isRepeatable',
  'isMarkDue',
  'isNoteDue',
  'isFrameDue',
  'isMeasureDue',
  'isTidyDue',
  'isScanning',
  'colours',
  'intervalMs',
] as const

export type SettingField = (typeof SETTING_FIELDS)[number]
export type Field = SettingField | (typeof STATE_FIELDS)[number]
export const FIELDS: readonly Field[] = [...SETTING_FIELDS, ...STATE_FIELDS]

/** One number of each name. */
export type State = { [name in Field]: number }

/** All of them 0. */
export const blank = (): State => Object.fromEntries(FIELDS.map(name => [name, 0])) as State

/** Sets the field that stands at `index` of the list. */
export const setAt = (s: State, index: number, value: number): void => {
  s[FIELDS[index] as Field] = value
}
