import type { Suite } from '../suite.js'
import { blocking } from './map/blocking.js'
import { cancelling } from './map/cancelling.js'
import { crowds } from './map/crowds.js'
import { failures } from './map/failures.js'
import { initializer } from './map/initializer.js'
import { input } from './map/input.js'
import { lifetime } from './map/lifetime.js'
import { progress } from './map/progress.js'
import { refusals } from './map/refusals.js'
import { results } from './map/results.js'
import { workerDeath } from './map/worker-death.js'

/** Pool: every call ends, with its result or the right error, and harms no other. */
export function map(suite: Suite): void {
  suite.group('results', () => results(suite))
  suite.group('initializer', () => initializer(suite))
  suite.group('input', () => input(suite))
  suite.group('progress', () => progress(suite))
  suite.group('failures', () => failures(suite))
  suite.group('refusals', () => refusals(suite))
  suite.group('cancelling', () => cancelling(suite))
  suite.group('worker death', () => workerDeath(suite))
  suite.group('blocking', () => blocking(suite))
  suite.group('crowds', () => crowds(suite))
  suite.group('lifetime', () => lifetime(suite))
}
