import type { Peer, WorkName } from './peer.js'

const module = new URL('../workers/work.cjs', import.meta.url)
const references: Partial<Record<WorkName, { module: URL; name: WorkName }>> = {}

/** The same function by reference: what a user writes once and passes again and again. */
export function reference(name: WorkName): { module: URL; name: WorkName } {
  references[name] ??= { module, name }
  return references[name]
}

export const multiproc: Peer = {
  async open(workers) {
    const { Pool } = await import('@multiproc/backend-threads')
    const pool = new Pool(workers)
    return {
      call: (name, argument) => pool.apply(reference(name), [argument]),
      close: () => pool.terminate(),
    }
  },
}
