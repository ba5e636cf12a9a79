import type { Suite } from '../suite.js'
import { deaths } from './log/deaths.js'
import { debug } from './log/debug.js'
import { processes } from './log/processes.js'
import { tasks } from './log/tasks.js'

/** What is published on diagnostics_channel, and printed. */
export function log(suite: Suite): void {
  suite.group('processes', () => processes(suite))
  suite.group('tasks', () => tasks(suite))
  suite.group('deaths', () => deaths(suite))
  suite.group('MULTIPROC_DEBUG', () => debug(suite))
}
