import type {
  Barrier as BarrierContract,
  BoundedSemaphore as BoundedSemaphoreContract,
  Condition as ConditionContract,
  Connection as ConnectionContract,
  ElementName,
  Event as EventContract,
  JoinableQueue as JoinableQueueContract,
  Lock as LockContract,
  PoolOptions,
  Process as ProcessContract,
  Queue as QueueContract,
  RLock as RLockContract,
  Semaphore as SemaphoreContract,
  SharedArray as SharedArrayContract,
  SharedList as SharedListContract,
  SharedMap as SharedMapContract,
  SharedMemory as SharedMemoryContract,
  SimpleQueue as SimpleQueueContract,
  Value as ValueContract,
} from '@multiproc/core'
import { ownContext } from '@multiproc/core'
import type { Piscina } from 'piscina'
import { type FromPiscinaOptions, type PoolOn, poolFrom } from './from-piscina.js'
import { piscina } from './piscina.js'
import type { TinypoolInstance } from './tinypool.js'

export * from './shared-exports.js'

/** multiproc over Piscina: in a worker that it started, the family that the worker belongs to. */
const context = ownContext(piscina())

export const backend = context.backend
export const Process = context.Process
export const Pool = context.Pool as unknown as new (options?: PoolOptions | number) => PoolOn<Piscina>

/** As `poolFrom`, in this package's own context unless told otherwise. @see poolFrom */
export function fromPiscina<E extends Piscina | TinypoolInstance>(existing: E, options?: FromPiscinaOptions): PoolOn<E> {
  return poolFrom(existing, context, options)
}
export const Value = context.Value
export const SharedArray = context.SharedArray
export const Lock = context.Lock
export const RLock = context.RLock
export const Semaphore = context.Semaphore
export const BoundedSemaphore = context.BoundedSemaphore
export const Condition = context.Condition
export const Event = context.Event
export const Barrier = context.Barrier
export const Queue = context.Queue
export const SimpleQueue = context.SimpleQueue
export const JoinableQueue = context.JoinableQueue
export const Pipe = context.Pipe
export const wait = context.wait
export const SharedMap = context.SharedMap
export const SharedList = context.SharedList
export const SharedMemory = context.SharedMemory
export const currentProcess = context.currentProcess
export const parentProcess = context.parentProcess
export const activeChildren = context.activeChildren
export const cpuCount = context.cpuCount
export const usage = context.usage

// Not under the name of a global in this file.
export { SharedArray as Array }

export type Process = ProcessContract
export type Pool = PoolOn<Piscina>
export type Value<T extends number | bigint = number> = ValueContract<T>
export type SharedArray<T extends ElementName = 'float64'> = SharedArrayContract<T>
export type Lock = LockContract
export type RLock = RLockContract
export type Semaphore = SemaphoreContract
export type BoundedSemaphore = BoundedSemaphoreContract
export type Condition = ConditionContract
export type Event = EventContract
export type Barrier = BarrierContract
export type Queue<T = unknown> = QueueContract<T>
export type SimpleQueue<T = unknown> = SimpleQueueContract<T>
export type JoinableQueue<T = unknown> = JoinableQueueContract<T>
export type Connection<Received = unknown, Sent = Received> = ConnectionContract<Received, Sent>
export type SharedMap<K extends string | number = string, V = unknown> = SharedMapContract<K, V>
export type SharedList<T = unknown> = SharedListContract<T>
export type SharedMemory = SharedMemoryContract
