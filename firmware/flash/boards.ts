// The boards that can be flashed: our name for each, and what its `process.env.BOARD` says.
export const BOARDS = { puckjs: 'PUCKJS', mdbt42q: 'MDBT42Q', banglejs2: 'BANGLEJS2' } as const
export type FlashBoard = keyof typeof BOARDS

/**
 * No pin of its console is brought out, and over Bluetooth the connection ends with the start that makes it a pendant: nobody
 * could see whether it runs, or take the firmware back. It is given a script to be sent by hand.
 */
export const WITHOUT_CABLE: readonly FlashBoard[] = ['banglejs2']
