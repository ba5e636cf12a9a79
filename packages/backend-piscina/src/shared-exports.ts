/** What both entries of this package export alike. */
export type * from '@multiproc/core'
export {
  BrokenBarrierError,
  ClosedError,
  createContext,
  getContext,
  isMainProcess,
  MultiprocError,
  NotCloneableError,
  NotOwnerError,
  NotSupportedError,
  OwnerDiedError,
  QueueEmptyError,
  QueueFullError,
  ResourceError,
  registerError,
  StateError,
  TargetError,
  TimeoutError,
  TooLargeError,
  task,
  WorkerDiedError,
} from '@multiproc/core'
export type { FromPiscinaOptions, PoolOn } from './from-piscina.js'
export { type PiscinaOptions, piscina } from './piscina.js'
export { type TinypoolInstance, type TinypoolOptions, type TinypoolRunOptions, tinypool } from './tinypool.js'
