import type { Backend } from '../backend.js'
import type { ElementName, ElementOf, TypeCode } from '../data/element-type.js'
import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { ArrayOptions, SharedArray } from './array.js'
import type { Barrier, BarrierOptions } from './barrier.js'
import type { Condition } from './condition.js'
import type { Connection, PipeOptions } from './connection.js'
import type { Event } from './event.js'
import type { JoinableQueue } from './joinable-queue.js'
import type { Lock, LockOptions, RLock } from './lock.js'
import type { Pool, PoolOptions } from './pool.js'
import type { Process, ProcessInfo, ProcessOptions } from './process.js'
import type { Queue, QueueOptions } from './queue.js'
import type { BoundedSemaphore, Semaphore } from './semaphore.js'
import type { SharedList } from './shared-list.js'
import type { SharedMap } from './shared-map.js'
import type { SharedMemory, SharedMemoryOptions } from './shared-memory.js'
import type { SimpleQueue } from './simple-queue.js'
import type { Value, ValueOptions } from './value.js'
import type { Waitable } from './wait.js'

type CodeNames = {
  b: 'int8'
  B: 'uint8'
  h: 'int16'
  H: 'uint16'
  i: 'int32'
  I: 'uint32'
  q: 'int64'
  Q: 'uint64'
  f: 'float32'
  d: 'float64'
}
/** The element type that a type code stands for. */
export type NameOf<T extends TypeCode> = T extends ElementName ? T : T extends keyof CodeNames ? CodeNames[T] : never

/** The classes and functions of multiproc, bound to one backend and one family of agents. `E` is what its pools' `engine` is. */
export interface Context<E extends object | undefined = object | undefined> {
  readonly backend: Backend<E>
  readonly Process: new <A extends unknown[]>(options: ProcessOptions<A>) => Process
  readonly Pool: new (options?: PoolOptions | number) => Pool<E>
  readonly Value: new <T extends TypeCode>(type: T, initial?: ElementOf<T>, options?: ValueOptions) => Value<ElementOf<T>>
  readonly Array: new <T extends TypeCode>(
    type: T,
    content: number | Iterable<ElementOf<T>>,
    options?: ArrayOptions,
  ) => SharedArray<NameOf<T>>
  /** The same class as `Array`, for where that name is taken. */
  readonly SharedArray: Context['Array']
  readonly Lock: new (options?: LockOptions) => Lock
  readonly RLock: new (options?: LockOptions) => RLock
  /** `value`: how many permits there are at first, a whole number from 0; default 1. */
  readonly Semaphore: new (
    value?: number,
  ) => Semaphore
  /** `value`: how many permits there are at first, and at most; default 1. */
  readonly BoundedSemaphore: new (
    value?: number,
  ) => BoundedSemaphore
  readonly Condition: new (lock?: Lock) => Condition
  /** The flag is down at first. */
  readonly Event: new () => Event
  readonly Barrier: new (parties: number, options?: BarrierOptions) => Barrier
  readonly Queue: new <T = unknown>(options?: QueueOptions | number) => Queue<T>
  readonly SimpleQueue: new <T = unknown>() => SimpleQueue<T>
  readonly JoinableQueue: new <T = unknown>(options?: QueueOptions | number) => JoinableQueue<T>
  /**
   * The two ends of a pipe. The first receives A and sends B.
   * @throws TypeError for bad options
   */
  Pipe<A = unknown, B = A>(options?: PipeOptions): [Connection<A, B>, Connection<B, A>]
  /**
   * Waits until at least one of `things` is ready; gives those that are, in the order given. Takes nothing from them. `[]` when time ran out, and at once where there is
   * nothing to wait for.
   * @throws TypeError, at the call, for what cannot be waited for or belongs to another context; StateError for a process that was not started and for an end
   * of a pipe that only sends; ClosedError for what is closed here
   */
  wait<T extends Waitable>(things: Iterable<T>, options?: WaitOptions): Promise<T[]>
  /** The same, blocking this thread: also where only this agent's event loop would be told of what happened, as with the end of a process of its own. */
  waitSync<T extends Waitable>(things: Iterable<T>, options?: SyncWaitOptions): T[]
  readonly SharedMap: new <K extends string | number = string, V = unknown>(
    entries?: Iterable<readonly [K, V]> | null,
  ) => SharedMap<K, V>
  readonly SharedList: new <T = unknown>(items?: Iterable<T> | null) => SharedList<T>
  /** Where `backend.capabilities.namedMemory`; elsewhere the constructor throws a NotSupportedError. */
  readonly SharedMemory: new (
    options: SharedMemoryOptions,
  ) => SharedMemory
  /** This agent. */
  currentProcess(): ProcessInfo
  /** Who started this agent; `null` in a main process. */
  parentProcess(): ProcessInfo | null
  /** The processes that this agent started and that run. */
  activeChildren(): Process[]
  /** How many agents can run at the same time, affinity and limits included. */
  cpuCount(): number
  readonly isMainProcess: boolean
  /** What the family uses at this moment; collects first what nobody uses any more. For diagnosis: it looks at every block. */
  usage(): Usage
  /** Terminates all pools and processes of this context and frees its memory; resolves when they are gone. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a family of agents uses. */
export interface Usage {
  /** Pieces of shared memory held by objects and queued items. */
  readonly blocks: number
  /** Bytes of these, rounding included. */
  readonly bytes: number
  /** Agents alive, this one included. */
  readonly agents: number
  /** Async waits pending in this agent. */
  readonly waits: number
}
