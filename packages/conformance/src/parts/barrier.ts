import type { Suite } from '../suite.js'
import { action } from './barrier/action.js'
import { breaking } from './barrier/breaking.js'
import { death } from './barrier/death.js'
import { rounds } from './barrier/rounds.js'

/** Parties that go on together, or not at all. */
export function barrier(suite: Suite): void {
  suite.group('rounds', () => rounds(suite))
  suite.group('breaking', () => breaking(suite))
  suite.group('action', () => action(suite))
  suite.group('death', () => death(suite))
}
