import { defineConfig } from 'vitest/config'

// What tests/run.mjs leaves out for want of a program; it says so at the end. (--exclude does not reach projects.)
const leftOut = (process.env.TOCSIN_LEFT_OUT ?? '').split(',').filter(file => file !== '')
const rim = ['tests/rim/**/*.test.ts', 'tests/stories/**/*.test.ts']
/** Longer than anything takes on a slow, busy machine: a test that ends by it has hung. */
const NEVER = { testTimeout: 900_000, hookTimeout: 900_000 }

export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: 'tests/built.mjs',
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['tests/**/*.test.ts'],
          exclude: [...rim, ...leftOut, 'tests/bench/**'],
          // They wait half of the time: for a telephone, a thread, a program that ends.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
          ...NEVER,
        },
      },
      {
        // Mostly they wait: for ringing, speech, walking. Every port is a free one; two at a time keep their clocks honest.
        extends: true,
        test: {
          name: 'rim',
          include: rim,
          exclude: leftOut,
          maxWorkers: 2,
          // After the others, where one run has both: each has its own number of workers.
          sequence: { groupOrder: 1 },
          ...NEVER,
        },
      },
    ],
  },
})
