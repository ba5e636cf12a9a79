import type { Suite } from '../suite.js'
import { abort } from './lock/abort.js'
import { basics } from './lock/basics.js'
import { exclusion } from './lock/exclusion.js'
import { fairness } from './lock/fairness.js'
import { ownerDeath } from './lock/owner-death.js'
import { reentry } from './lock/reentry.js'
import { timeouts } from './lock/timeouts.js'
import { wakeUps } from './lock/wake-ups.js'

/** One at a time, whatever happens to those who hold it and those who wait. */
export function lock(suite: Suite): void {
  suite.group('acquire and release', () => basics(suite))
  suite.group('mutual exclusion', () => exclusion(suite))
  suite.group('timeouts', () => timeouts(suite))
  suite.group('abort', () => abort(suite))
  suite.group('wake-ups', () => wakeUps(suite))
  suite.group('fairness', () => fairness(suite))
  suite.group('owner death', () => ownerDeath(suite))
  suite.group('RLock', () => reentry(suite))
}
