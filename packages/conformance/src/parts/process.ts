import type { Suite } from '../suite.js'
import { arguments_ } from './process/arguments.js'
import { children } from './process/children.js'
import { endings } from './process/endings.js'
import { errors } from './process/errors.js'
import { identity } from './process/identity.js'
import { lifeCycle } from './process/life-cycle.js'
import { programs } from './process/programs.js'

/** From start to end, and who is whose child. */
export function process_(suite: Suite): void {
  suite.group('life cycle', () => lifeCycle(suite))
  suite.group('arguments', () => arguments_(suite))
  suite.group('ends', () => endings(suite))
  suite.group('errors', () => errors(suite))
  suite.group('identity', () => identity(suite))
  suite.group('children', () => children(suite))
  suite.group('whole programs', () => programs(suite))
}
