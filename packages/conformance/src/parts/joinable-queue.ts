import type { Suite, Tools } from '../suite.js'
import { ending } from './fifo/ending.js'
import { order } from './fifo/order.js'
import { waiting } from './fifo/waiting.js'
import { counting } from './joinable-queue/counting.js'
import { crowd } from './joinable-queue/crowd.js'
import { death } from './joinable-queue/death.js'
import { joining } from './joinable-queue/joining.js'
import { simple } from './joinable-queue/simple.js'

/** JoinableQueue: a Queue that knows how many of its items are done. And SimpleQueue. */
export function joinableQueue(suite: Suite): void {
  suite.group('counting', () => counting(suite))
  suite.group('joining', () => joining(suite))
  suite.group('death', () => death(suite))
  suite.group('crowd', () => crowd(suite))
  suite.group('simple queue', () => simple(suite))
  // It is a Queue in everything else: the same tests.
  const asQueue = withJoinableQueues(suite)
  suite.group('order', () => order(asQueue))
  suite.group('waiting', () => waiting(asQueue))
  suite.group('ending', () => ending(asQueue))
}

/** The suite with a JoinableQueue wherever a test makes a Queue. */
function withJoinableQueues(suite: Suite): Suite {
  const instead = (tools: Tools): Tools => ({
    ...tools,
    mp: Object.create(tools.mp, { Queue: { value: tools.mp.JoinableQueue } }),
  })
  const replaced: Pick<Suite, 'capabilities' | 'group' | 'absent' | 'test'> = {
    capabilities: suite.capabilities,
    group: (title, register) => suite.group(title, register),
    absent: (what) => suite.absent(what),
    test: (title, run) => suite.test(title, (tools) => run(instead(tools))),
  }
  return replaced as Suite
}
