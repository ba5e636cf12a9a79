import { type Backend, type Capabilities, defaultCapabilities } from '@multiproc/core'
import { ForkLauncher, type ForkOptions } from './launcher.js'
import { MmapMemory } from './mmap-memory.js'
import { namedMemory } from './named-memory.js'
import { assertOptions, shown } from './options.js'
import { system } from './system.js'

const capabilities: Capabilities = {
  ...defaultCapabilities,
  isolation: 'process',
  liveness: 'anytime',
  signals: true,
  namedMemory: true,
}

const DEFAULT_CAPACITY = 16 * 2 ** 30
const LEAST_CAPACITY = 2 ** 26

/**
 * The backend: agents are processes, memory is a nameless file that all of them have mapped.
 * @throws RangeError, TypeError for options that cannot be
 */
export function fork(options: ForkOptions = {}): Backend {
  assertOptions(options)
  const capacity = capacityOf(options.capacity)
  return {
    name: 'fork',
    capabilities,
    createMemory: () => MmapMemory.create(system(), capacity),
    launcher: new ForkLauncher(options),
    namedMemory: namedMemory(system),
  }
}

function capacityOf(bytes: unknown): number {
  if (bytes === undefined) return DEFAULT_CAPACITY
  if (typeof bytes !== 'number') throw new TypeError(`capacity must be a number of bytes; got ${shown(bytes)}`)
  if (!(bytes >= LEAST_CAPACITY && bytes <= 2 * DEFAULT_CAPACITY)) {
    throw new RangeError(
      `capacity must be from ${LEAST_CAPACITY} (64 MiB) to ${2 * DEFAULT_CAPACITY} (32 GiB) bytes; got ${bytes}`,
    )
  }
  return Math.floor(bytes / 65536) * 65536
}
