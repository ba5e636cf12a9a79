/** What a pool on an engine and its workers say to each other: next to nothing, for everything else lies in shared memory. */

/** A job to run: the pool's number, the packed address of the job's cell, its ticket; and the pool's introduction, where it may come to a worker that does not know the pool. */
export type JobMessage = [pool: number, cell: number, ticket: number, introduction?: Introduction]

/** What a worker must know of a pool before it can run its jobs; sent to the thread itself, once. */
export interface Introduction {
  readonly kind: typeof INTRODUCTION
  /** `Engine.introduces` is `at-start`; otherwise it answers a worker that has asked. */
  readonly unasked: boolean
  readonly pool: number
  /** Number of the family. */
  readonly family: number
  readonly segments: readonly SharedArrayBuffer[]
  /** The encoded `Payload`. */
  readonly payload: Uint8Array
  /** `Engine.options` and `Engine.owned`. */
  readonly options: unknown
  readonly owned: boolean
  /** How many jobs a worker may have in hand at once. */
  readonly concurrency: number
  /** Jobs after which a worker is to be replaced; 0: never. */
  readonly mostJobs: number
}
export const INTRODUCTION = 'multiproc.introduction'

/** Word to an application's worker that nobody waits any more for a job that it runs beside the application's tasks. */
export interface LettingGo {
  readonly kind: typeof LETTING_GO
  readonly pool: number
  readonly ticket: number
}
export const LETTING_GO = 'multiproc.letting-go'

/** Word to a worker that is busy with the pool's initializer: jobs were taken back, and those that wait there for its end are to make way. */
export interface TakenBack {
  readonly kind: typeof TAKEN_BACK
  readonly pool: number
}
export const TAKEN_BACK = 'multiproc.taken-back'

/** Word to a worker that outlives a pool: the pool has ended. */
export interface PoolEnded {
  readonly kind: typeof POOL_ENDED
  readonly pool: number
}
export const POOL_ENDED = 'multiproc.pool-ended'

/** What the worker answers; its own thread id, negative, where it does not know the pool. */
export const Reply = {
  /** It ran, and its result is in the pool's ring. */
  done: 0,
  /** It was not this worker's to run: taken back, or run before. */
  stale: 1,
  /** The worker is to end, and takes no more. */
  refused: 2,
} as const
