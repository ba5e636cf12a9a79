import { defineConfig } from 'vitest/config'

/** What every package's vitest.config.ts says: the settings of one project, `name`, in that package's folder. */
export function project(name: string) {
  return defineConfig({
    test: {
      name,
      include: ['test/**/*.test.ts'],
      // What the tests themselves run.
      exclude: ['test/fixtures/**'],
      // A process for each test file: its main thread is a real one, and what a test does to it ends with the file.
      pool: 'forks',
      // Built packages are loaded by Node itself, as users load them. Left to vitest, which takes workspace packages for
      // sources, an agent under test would hold two copies of core: one of vitest's and the one that workers require.
      server: { deps: { external: [/\/(packages|apps)\/[^/]+\/dist\//] } },
      // Tests of lifetimes call the collector. Set here and not by the tests, because flags cannot be taken back.
      execArgv: ['--expose-gc'],
      // Nothing waits this long unless it hangs; on an oversubscribed machine everything else may take a while.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      teardownTimeout: 60_000,
    },
  })
}
