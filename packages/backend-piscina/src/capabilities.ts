import { type Capabilities, defaultCapabilities, threadsAreVisible } from '@multiproc/core'

export const capabilities: Capabilities = {
  ...defaultCapabilities,
  isolation: 'thread',
  liveness: threadsAreVisible ? 'anytime' : 'event-loop',
}
