// The boards that can be flashed: our name for each, and what its `process.env.BOARD` says.
export const BOARDS = { puckjs: 'PUCKJS' } as const
export type FlashBoard = keyof typeof BOARDS
