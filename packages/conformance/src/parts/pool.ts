import type { Suite } from '../suite.js'
import { asyncResults } from './pool/async-results.js'
import { imap } from './pool/imap.js'
import { imapEnds } from './pool/imap-ends.js'
import { imapInput } from './pool/imap-input.js'
import { imapUnordered } from './pool/imap-unordered.js'
import { settled } from './pool/settled.js'

/** Pool beyond `map`: results one by one, calls that are not waited for, failures as results. */
export function pool(suite: Suite): void {
  suite.group('imap', () => imap(suite))
  suite.group('imap: input', () => imapInput(suite))
  suite.group('imap: its ends', () => imapEnds(suite))
  suite.group('imapUnordered', () => imapUnordered(suite))
  suite.group('settled', () => settled(suite))
  suite.group('async results', () => asyncResults(suite))
}
