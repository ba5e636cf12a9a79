import type { Suite } from '../suite.js'
import { death } from './condition/death.js'
import { leaving } from './condition/leaving.js'
import { locks } from './condition/locks.js'
import { notifying } from './condition/notifying.js'
import { traffic } from './condition/traffic.js'
import { waiting } from './condition/waiting.js'

/** Waiting for what a lock guards, until others say that it has changed. */
export function condition(suite: Suite): void {
  suite.group('notify', () => notifying(suite))
  suite.group('wait and waitFor', () => waiting(suite))
  suite.group('its lock', () => locks(suite))
  suite.group('waiters that leave', () => leaving(suite))
  suite.group('death', () => death(suite))
  suite.group('traffic', () => traffic(suite))
}
