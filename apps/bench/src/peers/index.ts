import { jestWorker } from './jest-worker.js'
import { multiproc } from './multiproc.js'
import type { Peer } from './peer.js'
import { piscina } from './piscina.js'
import { poolifier } from './poolifier.js'
import { threads } from './threads.js'
import { tinypool } from './tinypool.js'
import { workerpool } from './workerpool.js'

/** Everybody with a pool, in each of the modes that make a difference. */
export const peers: Readonly<Record<string, Peer>> = {
  piscina: piscina('sync'),
  'piscina, atomics async': piscina('async'),
  'piscina, atomics disabled': piscina('disabled'),
  tinypool: tinypool('worker_threads'),
  'tinypool, processes': tinypool('child_process'),
  workerpool: workerpool('thread'),
  'workerpool, processes': workerpool('process'),
  poolifier: poolifier('thread'),
  'poolifier, cluster': poolifier('cluster'),
  'jest-worker': jestWorker('thread'),
  'jest-worker, processes': jestWorker('process'),
  'threads.js': threads,
}

/** Ours through the same narrow interface, where that is fair: `call` is `pool.apply`. */
export const ours: Peer = multiproc

export function isPeer(contender: string): boolean {
  // Contenders are named after the peer, with what they do differently behind it.
  return Object.keys(peers).some((name) => contender === name || contender.startsWith(`${name}, `))
}
