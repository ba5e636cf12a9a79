import './log/debug.js'

export type {
  Backend,
  BootData,
  Capabilities,
  Child,
  Doorbell,
  EngineOf,
  Exit,
  Launcher,
  LaunchSpec,
  Memory,
  NamedMemory,
} from './backend.js'
export { defaultCapabilities } from './backend.js'
export { createContext, ownContext, poolOn } from './context.js'
export type { ArrayOptions, SharedArray, SharedArrayMembers, TypedArrays } from './contracts/array.js'
export type { AsyncResult } from './contracts/async-result.js'
export type { Barrier, BarrierOptions } from './contracts/barrier.js'
export type { Condition } from './contracts/condition.js'
export type { Connection, PipeOptions } from './contracts/connection.js'
export type { Context, Usage } from './contracts/context.js'
export type { Event } from './contracts/event.js'
export type { JoinableQueue } from './contracts/joinable-queue.js'
export type { Guard, Lock, Lockable, LockOptions, RLock } from './contracts/lock.js'
export type {
  LogAgent,
  LogMessages,
  OwnerDiedMessage,
  ProcessExitMessage,
  ProcessStartMessage,
  TaskEndMessage,
  TaskStartMessage,
  WorkerReplacedMessage,
} from './contracts/log.js'
export type {
  IterateOptions,
  MapOptions,
  Pool,
  PoolOptions,
  PoolStats,
  Progress,
  ResultCallbacks,
  ResultIterator,
  Settled,
  SyncMapOptions,
  TimeHistogram,
} from './contracts/pool.js'
export type { Process, ProcessInfo, ProcessOptions } from './contracts/process.js'
export type { Queue, QueueOptions } from './contracts/queue.js'
export type { BoundedSemaphore, Semaphore } from './contracts/semaphore.js'
export type { SharedList } from './contracts/shared-list.js'
export type { SharedMap } from './contracts/shared-map.js'
export type { SharedMemory, SharedMemoryOptions } from './contracts/shared-memory.js'
export type { SimpleQueue } from './contracts/simple-queue.js'
export type { Value, ValueOptions } from './contracts/value.js'
export type { Waitable } from './contracts/wait.js'
export type { ElementName, ElementOf, TypeCode } from './data/element-type.js'
export type { Engine, EngineWorker } from './engine.js'
export {
  BrokenBarrierError,
  ClosedError,
  MultiprocError,
  NotCloneableError,
  NotOwnerError,
  NotSupportedError,
  OwnerDiedError,
  QueueEmptyError,
  QueueFullError,
  ResourceError,
  StateError,
  TargetError,
  TimeoutError,
  TooLargeError,
  WorkerDiedError,
} from './errors.js'
export { getContext } from './get-context.js'
export { SabMemory } from './memory/sab-memory.js'
export { threadsAreVisible } from './memory/thread-liveness.js'
export { checkOptions, type SyncWaitOptions, shown, type WaitOptions } from './options.js'
export { engineHandler } from './pool/engine-worker.js'
export { childEnvironment } from './process/child-environment.js'
export { printDirectly, writeDirectly } from './process/direct-output.js'
export { isMainProcess } from './process/identity.js'
export { startChild } from './process/start-child.js'
export { ThreadChild } from './process/thread-child.js'
export { type ModuleReference, type Target, task } from './target/task.js'
export { registerError } from './wire/error-envelope.js'
