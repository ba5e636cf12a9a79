import type { Suite } from '../suite.js'
import { brokenModules } from './targets/broken-modules.js'
import { captures } from './targets/captures.js'
import { inline } from './targets/inline.js'
import { mainScript } from './targets/main-script.js'
import { modules } from './targets/modules.js'
import { tasks } from './targets/tasks.js'

/** Which functions can run elsewhere, in all three forms; and what is said of those that cannot. */
export function targets(suite: Suite): void {
  suite.group('tasks', () => tasks(suite))
  suite.group('modules', () => modules(suite))
  suite.group('inline', () => inline(suite))
  suite.group('captures', () => captures(suite))
  suite.group('broken modules', () => brokenModules(suite))
  suite.group('main script', () => mainScript(suite))
}
