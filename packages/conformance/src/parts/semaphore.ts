import type { Suite } from '../suite.js'
import { basics } from './semaphore/basics.js'
import { bounds } from './semaphore/bounds.js'
import { crowds } from './semaphore/crowds.js'
import { death } from './semaphore/death.js'
import { fairness } from './semaphore/fairness.js'
import { waiting } from './semaphore/waiting.js'
import { wakeUps } from './semaphore/wake-ups.js'

/** So many at a time, and none lost or gained. */
export function semaphore(suite: Suite): void {
  suite.group('permits', () => basics(suite))
  suite.group('bounds', () => bounds(suite))
  suite.group('waits', () => waiting(suite))
  suite.group('many agents', () => crowds(suite))
  suite.group('wake-ups', () => wakeUps(suite))
  suite.group('fairness', () => fairness(suite))
  suite.group('death', () => death(suite))
}
