import type work from '../workers/work.cjs'

/** The functions that every pool can call, all of one argument. */
export type Work = typeof work
export type WorkName = keyof Work

/** A library that runs functions on workers. */
export interface Peer {
  /** Loads the library and opens a pool, the library's own way to do it. */
  open(workers: number): Promise<PeerPool>
}

/** What all of them can do: call a function on some worker. */
export interface PeerPool {
  call<N extends WorkName>(name: N, argument: Parameters<Work[N]>[0]): Promise<ReturnType<Work[N]>>
  close(): Promise<unknown>
}

/** A call as it travels to workers whose entry is one function. */
export type CallMessage = readonly [name: WorkName, argument: unknown]
