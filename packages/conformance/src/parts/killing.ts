import type { Suite } from '../suite.js'
import { leaks } from './killing/leaks.js'
import { limits } from './killing/limits.js'
import { locks } from './killing/locks.js'
import { programs } from './killing/programs.js'
import { queues } from './killing/queues.js'
import { soaking } from './killing/soak.js'
import { tasks } from './killing/tasks.js'

/** What only processes can show: ends that nobody inside sees coming, and what the operating system has to say afterwards. */
export function killing(suite: Suite): void {
  const { isolation, signals } = suite.capabilities
  if (isolation !== 'process' || !signals) {
    suite.absent('a process each that signals can reach')
    suite.group('limits', () => suite.absent('a process each, for which the system sets limits'))
    return
  }
  suite.group('of holders and waiters', () => locks(suite))
  suite.group('of producers and consumers', () => queues(suite))
  suite.group('of pool workers', () => tasks(suite))
  suite.group('of whole programs', () => programs(suite))
  suite.group('what is left', () => leaks(suite))
  suite.group('limits', () => limits(suite))
  suite.group('soak', () => soaking(suite))
}
