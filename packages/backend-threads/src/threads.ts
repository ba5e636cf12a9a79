import { type Backend, type Capabilities, defaultCapabilities, SabMemory, threadsAreVisible } from '@multiproc/core'
import { ThreadLauncher, type ThreadsOptions } from './launcher.js'

const capabilities: Capabilities = {
  ...defaultCapabilities,
  isolation: 'thread',
  liveness: threadsAreVisible ? 'anytime' : 'event-loop',
}

/** The backend: agents are worker threads, memory is SharedArrayBuffer. */
export function threads(options: ThreadsOptions = {}): Backend {
  return {
    name: 'threads',
    capabilities,
    createMemory: () => SabMemory.create(options.segments),
    launcher: new ThreadLauncher(options),
  }
}
