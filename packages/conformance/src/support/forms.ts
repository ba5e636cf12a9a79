import type { Capabilities } from '@multiproc/core'

/** How a call that can wait is made. */
export type Form = 'sync' | 'async'

/** The forms that a backend has. */
export function formsOf(capabilities: Capabilities): readonly Form[] {
  return capabilities.sync ? ['sync', 'async'] : ['async']
}
