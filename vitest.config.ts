import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*'],
    // Most tests start agents of their own, so one test file at a time keeps two cores busy.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
  },
})
