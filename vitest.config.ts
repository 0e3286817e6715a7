import { defineConfig } from 'vitest/config'

// Worker threads started by the code under test are TypeScript too, hence tsx in every test process.
const execArgv = ['--import', 'tsx']
const rim = ['tests/rim/**/*.test.ts', 'tests/stories/**/*.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: ['tests/**/*.test.ts'], exclude: [...rim, 'tests/bench/**'] },
      },
      {
        // Real peers share one machine and its ports; one file at a time keeps their clocks honest.
        extends: true,
        test: { name: 'rim', include: rim, fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
})
