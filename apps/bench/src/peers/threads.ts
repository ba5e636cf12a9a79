import type { Peer, PeerPool, WorkName } from './peer.js'

/** What is used of it here: its own types are out of reach for TypeScript, because its `exports` do not name them. */
interface Library {
  Pool(spawnWorker: () => Promise<Remote>, size: number): RemotePool
  spawn(worker: object): Promise<Remote>
  Worker: new (path: string) => object
}
interface RemotePool {
  queue<T>(call: (worker: Remote) => Promise<T>): PromiseLike<T>
  terminate(force: boolean): Promise<void>
}
type Remote = Record<WorkName, (argument: unknown) => Promise<never>>

/** https://github.com/andywer/threads.js */
export const threads: Peer = {
  async open(workers): Promise<PeerPool> {
    // @ts-expect-error see Library
    const { Pool, spawn, Worker } = (await import('threads')) as Library
    // It takes the path of a worker as relative to this file, an absolute one too.
    const pool = Pool(() => spawn(new Worker('../workers/threads.cjs')), workers)
    return {
      call: async (name, argument) => pool.queue((worker) => worker[name](argument)),
      close: () => pool.terminate(true),
    }
  },
}
