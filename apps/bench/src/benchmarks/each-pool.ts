import type { Contender, Scale } from '../benchmark.js'
import { ours, peers } from '../peers/index.js'
import type { Peer, PeerPool } from '../peers/peer.js'

export const WORKERS = 2
export const OURS = 'pool.apply'

/** Ours and every peer as contenders, each with an open pool. */
export function eachPool(measure: (pool: PeerPool, scale: Scale) => Promise<readonly number[]>): Record<string, Contender> {
  return eachPeer(async (peer, scale) => {
    const pool = await peer.open(WORKERS)
    const figures = await measure(pool, scale)
    await pool.close()
    return figures
  })
}

/** Ours and every peer as contenders. */
export function eachPeer(measure: (peer: Peer, scale: Scale) => Promise<readonly number[]>): Record<string, Contender> {
  const all = Object.entries({ [OURS]: ours, ...peers })
  return Object.fromEntries(all.map(([name, peer]) => [name, (scale: Scale) => measure(peer, scale)]))
}
