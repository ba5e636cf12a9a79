import { describe } from 'vitest'
import { parts } from './parts/index.js'
import { type ConformanceOptions, Suite } from './suite.js'

export type { ProgramEnd, ProgramOptions, RunningProgram } from './run-program.js'
export type { ConformanceOptions, Part, Tools } from './suite.js'

/**
 * Runs every part of the suite against one backend: one call in a vitest file.
 * @param name heads the tests' titles
 */
export function conformance(name: string, options: ConformanceOptions): void {
  const suite = new Suite(options)
  describe(name, () => {
    for (const [title, part] of Object.entries(parts)) describe(title, () => part(suite))
    suite.checkGaps()
  })
}
