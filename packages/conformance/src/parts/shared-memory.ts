import type { Suite } from '../suite.js'
import { absentMemory } from './shared-memory/absent.js'
import { names } from './shared-memory/names.js'
import { sharing } from './shared-memory/sharing.js'

/** SharedMemory by name: bytes that unrelated programs find. */
export function sharedMemory(suite: Suite): void {
  if (!suite.capabilities.namedMemory) {
    absentMemory(suite)
    return
  }
  suite.group('names and sizes', () => names(suite))
  suite.group('sharing', () => sharing(suite))
}
