import type { Part } from '../suite.js'
import { lock } from './lock.js'
import { race } from './race.js'

/** The parts of the suite, by the name under which their tests run. */
export const parts: Readonly<Record<string, Part>> = {
  race,
  lock,
}
