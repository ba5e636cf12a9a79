import { type Context, getContext, NotSupportedError } from '@multiproc/core'

/** The backends that there are: `threads` is the package `@multiproc/backend-threads`. */
export const known = ['threads', 'fork', 'piscina', 'piscina/tinypool'] as const

export interface Skipped {
  readonly backend: string
  readonly reason: string
}

export interface Found {
  readonly contexts: readonly Context[]
  readonly skipped: readonly Skipped[]
}

/**
 * Those of `names` that are installed and run on this machine.
 * @throws what loading a backend throws, where it is installed and broken
 */
export async function findBackends(names: readonly string[]): Promise<Found> {
  const contexts: Context[] = []
  const skipped: Skipped[] = []
  for (const name of new Set(names)) {
    try {
      const mp = await getContext(name)
      // A backend may be installed where it cannot run, and says so at the first use.
      new mp.Value('int32')
      contexts.push(mp)
    } catch (error) {
      if (!(error instanceof NotSupportedError)) throw error
      skipped.push({ backend: name, reason: error.message })
    }
  }
  return { contexts, skipped }
}
