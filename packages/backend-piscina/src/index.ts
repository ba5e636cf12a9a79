import type * as core from '@multiproc/core'
import { ownContext } from '@multiproc/core'
import type { Piscina } from 'piscina'
import { type FromPiscinaOptions, type PoolOn, poolFrom } from './from-piscina.js'
import { piscina } from './piscina.js'
import type { TinypoolInstance } from './tinypool.js'

export * from './shared-exports.js'

/** multiproc over Piscina: in a worker that it started, the family that the worker belongs to. */
const context = ownContext(piscina())

export const {
  backend,
  Process,
  Pool,
  Value,
  SharedArray,
  Lock,
  RLock,
  Semaphore,
  BoundedSemaphore,
  Condition,
  Event,
  Barrier,
  Queue,
  SimpleQueue,
  JoinableQueue,
  Pipe,
  wait,
  waitSync,
  SharedMap,
  SharedList,
  SharedMemory,
  currentProcess,
  parentProcess,
  activeChildren,
  cpuCount,
  usage,
} = context

/** As `poolFrom`, in this package's own context unless told otherwise. @see poolFrom */
export function fromPiscina<E extends Piscina | TinypoolInstance>(existing: E, options?: FromPiscinaOptions): PoolOn<E> {
  return poolFrom(existing, context, options)
}

// Not under the name of a global in this file.
export { SharedArray as Array }

export type Process = core.Process
export type Pool = PoolOn<Piscina>
export type Value<T extends number | bigint = number> = core.Value<T>
export type SharedArray<T extends core.ElementName = 'float64'> = core.SharedArray<T>
export type Lock = core.Lock
export type RLock = core.RLock
export type Semaphore = core.Semaphore
export type BoundedSemaphore = core.BoundedSemaphore
export type Condition = core.Condition
export type Event = core.Event
export type Barrier = core.Barrier
export type Queue<T = unknown> = core.Queue<T>
export type SimpleQueue<T = unknown> = core.SimpleQueue<T>
export type JoinableQueue<T = unknown> = core.JoinableQueue<T>
export type Connection<Received = unknown, Sent = Received> = core.Connection<Received, Sent>
export type SharedMap<K extends string | number = string, V = unknown> = core.SharedMap<K, V>
export type SharedList<T = unknown> = core.SharedList<T>
export type SharedMemory = core.SharedMemory
