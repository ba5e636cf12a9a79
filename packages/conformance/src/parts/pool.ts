import type { Suite } from '../suite.js'
import { asyncResults } from './pool/async-results.js'
import { blocked } from './pool/blocked.js'
import { concurrency } from './pool/concurrency.js'
import { imap } from './pool/imap.js'
import { imapEnds } from './pool/imap-ends.js'
import { imapInput } from './pool/imap-input.js'
import { imapUnordered } from './pool/imap-unordered.js'
import { maxTasks } from './pool/max-tasks.js'
import { nesting } from './pool/nesting.js'
import { settled } from './pool/settled.js'
import { stats } from './pool/stats.js'

/** Pool beyond `map`: results one by one, calls that are not waited for, failures as results; how its workers live, and what is known of them. */
export function pool(suite: Suite): void {
  suite.group('imap', () => imap(suite))
  suite.group('imap: input', () => imapInput(suite))
  suite.group('imap: its ends', () => imapEnds(suite))
  suite.group('imapUnordered', () => imapUnordered(suite))
  suite.group('settled', () => settled(suite))
  suite.group('async results', () => asyncResults(suite))
  suite.group('waited for by a blocked thread', () => blocked(suite))
  suite.group('maxTasksPerChild', () => maxTasks(suite))
  suite.group('concurrency', () => concurrency(suite))
  suite.group('stats', () => stats(suite))
  suite.group('nesting and idling', () => nesting(suite))
}
