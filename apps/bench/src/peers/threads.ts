import type { Peer, WorkName } from './peer.js'

type Remote = Record<WorkName, (argument: unknown) => Promise<never>>

/** https://github.com/andywer/threads.js */
export const threads: Peer = {
  async open(workers) {
    const { Pool, spawn, Worker } = await import('threads')
    // It takes the path of a worker as relative to this file, an absolute one too.
    const pool = Pool(() => spawn(new Worker('../workers/threads.cjs')), workers)
    return {
      call: async (name, argument) => pool.queue((worker) => (worker as unknown as Remote)[name](argument)) as Promise<never>,
      close: () => pool.terminate(true),
    }
  },
}
