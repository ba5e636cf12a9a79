import type { Suite } from '../suite.js'
import { death } from './fifo/death.js'
import { ending } from './fifo/ending.js'
import { fidelity } from './fifo/fidelity.js'
import { linearizable } from './fifo/linearizable.js'
import { order } from './fifo/order.js'
import { refusal } from './fifo/refusal.js'
import { room } from './fifo/room.js'
import { sizes } from './fifo/sizes.js'
import { waiting } from './fifo/waiting.js'

/** Queue: first in, first out, each item delivered once, whatever happens to those who put and get. */
export function fifo(suite: Suite): void {
  suite.group('order', () => order(suite))
  suite.group('room', () => room(suite))
  suite.group('waiting', () => waiting(suite))
  suite.group('ending', () => ending(suite))
  suite.group('sizes', () => sizes(suite))
  suite.group('fidelity', () => fidelity(suite))
  suite.group('refusal', () => refusal(suite))
  suite.group('death', () => death(suite))
  suite.group('linearizable', () => linearizable(suite))
}
