// How long a wait may take. Longer than anything takes on a slow, busy machine, so that how fast it is decides nothing;
// shorter than a test may take (vitest.config.ts), so that a wait that is in vain says what it saw last.
/** For `vi.waitFor`, `vi.waitUntil` and `expect.poll`, whose own patience is a second. */
export const PATIENCE = { timeout: 300_000, interval: 20 }
