import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*'],
    // A suite of conformance waits about as often as it works, and the explorer only works: a file for each core keeps them busy.
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
