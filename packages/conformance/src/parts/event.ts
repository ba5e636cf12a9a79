import type { Suite } from '../suite.js'
import { basics } from './event/basics.js'
import { crowds } from './event/crowds.js'
import { death } from './event/death.js'
import { releases } from './event/releases.js'
import { waiting } from './event/waiting.js'

/** A flag that everyone sees go up. */
export function event(suite: Suite): void {
  suite.group('set and clear', () => basics(suite))
  suite.group('waits', () => waiting(suite))
  suite.group('releases', () => releases(suite))
  suite.group('many agents', () => crowds(suite))
  suite.group('death', () => death(suite))
}
