import { availableParallelism } from 'node:os'
import { threadId } from 'node:worker_threads'
import { Agent } from './agent.js'
import type { Backend, EngineOf } from './backend.js'
import type { Connection, PipeOptions } from './contracts/connection.js'
import type { Context, Usage } from './contracts/context.js'
import type { Pool as PoolContract, PoolOptions } from './contracts/pool.js'
import type { Process as ProcessContract, ProcessInfo, ProcessOptions } from './contracts/process.js'
import type { Waitable } from './contracts/wait.js'
import { createArray, isSharedArray } from './data/array.js'
import { Value } from './data/value.js'
import type { Engine } from './engine.js'
import { ClosedError, NotSupportedError } from './errors.js'
import { type SyncWaitOptions, shown, type WaitOptions } from './options.js'
import { Pool } from './pool/pool.js'
import { identity, isMainProcess } from './process/identity.js'
import { Process } from './process/process.js'
import { JoinableQueue } from './queue/joinable-queue.js'
import { Pipe } from './queue/pipe.js'
import { Queue } from './queue/queue.js'
import { SimpleQueue } from './queue/simple-queue.js'
import { wait, waitSync } from './queue/wait.js'
import { SharedList } from './shared/shared-list.js'
import { SharedMap } from './shared/shared-map.js'
import { SharedMemory } from './shared/shared-memory.js'
import { Barrier } from './sync/barrier.js'
import { Condition } from './sync/condition.js'
import { Event } from './sync/event.js'
import { Lock } from './sync/lock.js'
import { RLock } from './sync/rlock.js'
import { BoundedSemaphore, Semaphore } from './sync/semaphore.js'

/**
 * multiproc over `backend`, with a family of agents of its own: nothing is shared with other contexts.
 * @param backend e.g. `threads()` of `@multiproc/backend-threads`
 * @throws TypeError for anything else
 */
export function createContext<B extends Backend>(backend: B): Context<EngineOf<B>> {
  if (typeof backend !== 'object' || backend === null || typeof backend.createMemory !== 'function' || !backend.launcher) {
    throw new TypeError(`createContext() takes a backend, such as threads() of @multiproc/backend-threads; got ${shown(backend)}`)
  }
  return new BoundContext(backend, () => undefined) as Context as Context<EngineOf<B>>
}

/** The context that a backend package exports: in an agent that this backend started, the family that it belongs to. */
export function ownContext<B extends Backend>(backend: B): Context<EngineOf<B>> {
  const known = ownContexts().get(backend.name)
  if (known) return known as Context<EngineOf<B>>
  const context = new BoundContext(backend, () => {
    const self = identity()
    return self?.backend === backend.name ? self.agent : undefined
  })
  ownContexts().set(backend.name, context)
  return context as Context as Context<EngineOf<B>>
}

/** The agent behind each context. */
const agents = new WeakMap<Context, () => Agent>()

/**
 * A pool of `context` on an engine that somebody else owns: the pool's end does not end it.
 * @param engineFor gives the engine, when it is certain that there can be a pool on it
 * @throws TypeError for what is no context of this copy of multiproc; NotSupportedError for a context whose memory the threads of an engine cannot share
 */
export function poolOn(context: Context, engineFor: () => Engine, options?: PoolOptions): PoolContract {
  const agent = agents.get(context)
  if (!agent)
    throw new TypeError(isContext(context) ? otherCopy() : `context must be what createContext() gives; got ${shown(context)}`)
  const { name, capabilities } = context.backend
  if (capabilities.isolation !== 'thread') {
    throw new NotSupportedError(
      `the memory of a ${name} context is for processes: the threads of an engine cannot share it. Take a context of a backend of threads`,
    )
  }
  return new Pool(agent(), options, engineFor())
}

function isContext(value: unknown): boolean {
  return typeof (value as Partial<Context> | null)?.backend?.createMemory === 'function'
}

function otherCopy(): string {
  return (
    'the context was made by another copy of @multiproc/core than this one, and the two cannot see into each other: have one copy ' +
    'installed (npm dedupe; npm ls @multiproc/core), or pass { context } made by createContext() of the same copy'
  )
}

const OWN = Symbol.for('multiproc.contexts')

/** One per backend and agent, however many copies of a package a program holds. */
export function ownContexts(): Map<string, Context> {
  const globals = globalThis as { [OWN]?: Map<string, Context> }
  globals[OWN] ??= new Map()
  return globals[OWN]
}

class BoundContext implements Context {
  readonly backend: Backend
  readonly isMainProcess = isMainProcess
  readonly Process: Context['Process']
  readonly Pool: Context['Pool']
  readonly Value: Context['Value']
  readonly Array: Context['Array']
  readonly SharedArray: Context['Array']
  readonly Lock: Context['Lock']
  readonly RLock: Context['RLock']
  readonly Semaphore: Context['Semaphore']
  readonly BoundedSemaphore: Context['BoundedSemaphore']
  readonly Condition: Context['Condition']
  readonly Event: Context['Event']
  readonly Barrier: Context['Barrier']
  readonly Queue: Context['Queue']
  readonly SimpleQueue: Context['SimpleQueue']
  readonly JoinableQueue: Context['JoinableQueue']
  readonly SharedMap: Context['SharedMap']
  readonly SharedList: Context['SharedList']
  readonly SharedMemory: Context['SharedMemory']
  /** The agent that this thread or process is of the backend's already. */
  readonly #member: () => Agent | undefined
  /** Made on first use, so that importing a backend costs neither memory nor time. */
  #agent: Agent | undefined
  /** Whether that is what the thread is to the backend, and not what this context made. */
  #isMember: boolean
  #closed: Promise<void> | undefined

  constructor(backend: Backend, member: () => Agent | undefined) {
    this.backend = backend
    this.#member = member
    this.#agent = member()
    this.#isMember = this.#agent !== undefined
    const own = () => this.#own()
    agents.set(this, own)
    this.Process = bind(Process, (options: ProcessOptions) => new Process(own(), options))
    this.Pool = bind(Pool, (options?: number) => new Pool(own(), options))
    this.Value = bind(Value, (type: unknown, initial?: unknown, options?: object) => Value.create(own(), type, initial, options))
    const SharedArray = { name: 'Array', prototype: {}, [Symbol.hasInstance]: isSharedArray }
    this.Array = bind(SharedArray, (type: unknown, content: unknown, options?: object) =>
      createArray(own(), type, content, options),
    )
    this.SharedArray = this.Array
    this.Lock = bind(Lock, (options?: object) => Lock.create(own(), options))
    this.RLock = bind(RLock, (options?: object) => RLock.create(own(), options))
    this.Semaphore = bind(Semaphore, (value?: number) => Semaphore.create(own(), value))
    this.BoundedSemaphore = bind(BoundedSemaphore, (value?: number) => BoundedSemaphore.create(own(), value))
    this.Condition = bind(Condition, (lock?: object) => Condition.create(own(), lock))
    this.Event = bind(Event, () => Event.create(own()))
    this.Barrier = bind(Barrier, (parties: number, options?: object) => Barrier.create(own(), parties, options))
    this.Queue = bind(Queue, (options?: number) => Queue.create(own(), options))
    this.SimpleQueue = bind(SimpleQueue, () => SimpleQueue.create(own()))
    this.JoinableQueue = bind(JoinableQueue, (options?: number) => JoinableQueue.create(own(), options))
    this.SharedMap = bind(SharedMap, (entries?: []) => SharedMap.create(own(), entries))
    this.SharedList = bind(SharedList, (items?: []) => SharedList.create(own(), items))
    this.SharedMemory = bind(SharedMemory, (options: object) => new SharedMemory(this.#openBackend(), options))
    // So that they can be taken out of the context: `const { cpuCount } = mp`.
    this.Pipe = this.Pipe.bind(this)
    this.wait = this.wait.bind(this)
    this.waitSync = this.waitSync.bind(this)
    this.currentProcess = this.currentProcess.bind(this)
    this.parentProcess = this.parentProcess.bind(this)
    this.activeChildren = this.activeChildren.bind(this)
    this.usage = this.usage.bind(this)
    this.close = this.close.bind(this)
  }

  Pipe<A = unknown, B = A>(options?: PipeOptions): [Connection<A, B>, Connection<B, A>] {
    return Pipe.create(this.#own(), options)
  }

  wait<T extends Waitable>(things: Iterable<T>, options?: WaitOptions): Promise<T[]> {
    return wait(this.#own(), things, options)
  }

  waitSync<T extends Waitable>(things: Iterable<T>, options?: SyncWaitOptions): T[] {
    return waitSync(this.#own(), things, options)
  }

  currentProcess(): ProcessInfo {
    return identity()?.info ?? { name: 'MainProcess', pid: this.#pid, daemon: false, isAlive: () => true }
  }

  parentProcess(): ProcessInfo | null {
    return identity()?.parent ?? null
  }

  activeChildren(): ProcessContract[] {
    return [...(this.#agent?.processes ?? [])].filter((one) => one.isAlive())
  }

  cpuCount(): number {
    return availableParallelism()
  }

  usage(): Usage {
    const agent = this.#agent
    if (!agent || agent.closed) return { blocks: 0, bytes: 0, agents: 0, waits: 0 }
    agent.collectGarbage()
    return { ...agent.heap.usage(), agents: agent.family.tags().length, waits: agent.waits }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const agent = this.#agent
    if (!agent) return
    await Promise.all([...agent.pools].map((pool) => pool.terminate()))
    const ends = [...agent.processes].map((one) => {
      one.terminate()
      return one.join()
    })
    await Promise.all(ends)
    agent.close()
  }

  /** Of this agent, where multiproc has not started it: a main script may run in a worker thread. */
  get #pid(): number {
    return threadId === 0 || this.backend.capabilities.isolation === 'process' ? process.pid : threadId
  }

  #openBackend(): Backend {
    this.#assertOpen()
    return this.backend
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('the context is closed: its memory and its processes are gone')
  }

  #own(): Agent {
    this.#assertOpen()
    // In a worker of an application's engine it may have come after this context, and others may have followed it.
    if (!this.#agent || this.#agent.closed || this.#isMember) {
      const member = this.#member()
      this.#agent = member ?? this.#agent
      this.#isMember = member !== undefined
    }
    this.#agent ??= Agent.first(this.backend, 'MainProcess', this.#pid)
    return this.#agent
  }
}

/**
 * A constructor that users call with `new`, without the agent that the class behind it needs. `instanceof` works with either, and instances are the
 * same whether they were made here or arrived from another agent.
 */
function bind<C>(Class: BindableClass, create: (...args: never[]) => object): C {
  const Bound = function (this: unknown, ...args: never[]) {
    if (!new.target) throw new TypeError(`${Class.name} is a class: write new ${Class.name}(…)`)
    return create(...args)
  }
  Object.defineProperty(Bound, 'name', { value: Class.name })
  Bound.prototype = Class.prototype
  if (Object.hasOwn(Class, Symbol.hasInstance))
    Object.defineProperty(Bound, Symbol.hasInstance, { value: Class[Symbol.hasInstance] })
  return Bound as C
}

interface BindableClass {
  readonly name: string
  readonly prototype: object
  [Symbol.hasInstance]?(value: unknown): boolean
}
