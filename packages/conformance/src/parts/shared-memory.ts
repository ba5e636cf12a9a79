import type { Suite } from '../suite.js'
import { absentMemory } from './shared-memory/absent.js'
import { names } from './shared-memory/names.js'
import { sharing } from './shared-memory/sharing.js'

/** SharedMemory by name: bytes that unrelated programs find. */
export function sharedMemory(suite: Suite): void {
  absentMemory(suite)
  if (!suite.capabilities.namedMemory) {
    suite.absent('namedMemory')
    return
  }
  suite.group('names and sizes', () => names(suite))
  suite.group('sharing', () => sharing(suite))
}
