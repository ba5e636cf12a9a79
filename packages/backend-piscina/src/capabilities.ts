import { type Capabilities, defaultCapabilities, threadsAreVisible } from '@multiproc/core'

export const capabilities: Capabilities = {
  ...defaultCapabilities,
  isolation: 'thread',
  // Both engines have a fixed greatest number of threads.
  standby: false,
  // They give tasks to their workers, and get results from them, by messages.
  poolSync: false,
  liveness: threadsAreVisible ? 'anytime' : 'event-loop',
}
