// The boards that can be flashed: our name for each, and what its `process.env.BOARD` says.
export const BOARDS = { puckjs: 'PUCKJS', mdbt42q: 'MDBT42Q' } as const
export type FlashBoard = keyof typeof BOARDS
