import { defineConfig } from 'vitest/config'

// Worker threads started by the code under test are TypeScript too, hence tsx in every test process.
const execArgv = ['--import', 'tsx']
// What tests/run.mjs leaves out for want of a program; it says so at the end. (--exclude does not reach projects.)
const leftOut = (process.env.TOCSIN_LEFT_OUT ?? '').split(',').filter(file => file !== '')
const rim = ['tests/rim/**/*.test.ts', 'tests/stories/**/*.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['tests/**/*.test.ts'],
          exclude: [...rim, ...leftOut, 'tests/bench/**'],
        },
      },
      {
        // Real peers share one machine and its ports; one file at a time keeps their clocks honest.
        extends: true,
        test: {
          name: 'rim',
          include: rim,
          exclude: leftOut,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
