import type { Suite } from '../suite.js'
import { arrivals } from './handles/arrivals.js'
import { closing } from './handles/closing.js'
import { identities } from './handles/identities.js'
import { lifetimes } from './handles/lifetimes.js'
import { refusals } from './handles/refusals.js'
import { travels } from './handles/travels.js'

/** Shared objects on their way: everything but Process and Pool goes anywhere, and arrives as the same shared object. */
export function handles(suite: Suite): void {
  suite.group('travels', () => travels(suite))
  suite.group('arrivals', () => arrivals(suite))
  suite.group('identity', () => identities(suite))
  suite.group('refusals', () => refusals(suite))
  suite.group('closing', () => closing(suite))
  suite.group('lifetimes', () => lifetimes(suite))
}
