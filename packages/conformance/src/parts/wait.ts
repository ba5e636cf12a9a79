import type { Suite } from '../suite.js'
import { blocking } from './wait/blocking.js'
import { bystanders } from './wait/bystanders.js'
import { ready } from './wait/ready.js'
import { refusal } from './wait/refusal.js'
import { waking } from './wait/waking.js'

/** wait, waitSync: for any of several processes, connections and queues. */
export function wait(suite: Suite): void {
  suite.group('ready', () => ready(suite))
  suite.group('waking', () => waking(suite))
  suite.group('blocking', () => blocking(suite))
  suite.group('bystanders', () => bystanders(suite))
  suite.group('refusal', () => refusal(suite))
}
