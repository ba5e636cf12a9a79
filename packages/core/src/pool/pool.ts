import { AsyncResource } from 'node:async_hooks'
import type { Agent } from '../agent.js'
import type {
  IterateOptions,
  MapOptions,
  Pool as PoolContract,
  PoolOptions,
  PoolStats,
  ResultCallbacks,
  Settled,
  SyncMapOptions,
} from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import type { Engine } from '../engine.js'
import { ClosedError, NotCloneableError, NotSupportedError, StateError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import {
  checkOptions,
  deadlineOf,
  flagOf,
  type SyncWaitOptions,
  shown,
  signalOf,
  syncDeadline,
  type WaitOptions,
} from '../options.js'
import { assertMayStart } from '../process/offspring.js'
import { onAbort } from '../sync/on-abort.js'
import { settleWithin } from '../sync/settle-within.js'
import { describeTarget } from '../target/describe.js'
import { SHARE } from '../wire/shareable.js'
import { Alarms, tooLate } from './alarm.js'
import {
  argumentsOf,
  assertArrays,
  assertIterable,
  callbackOf,
  chunksizeOf,
  isIterable,
  processesOf,
  wholeNumber,
} from './arguments.js'
import { AsyncResult, type BlockFor } from './async-result.js'
import { ApplyCall, type CallHandle, failedCall, type PendingCall, rethrown } from './call.js'
import { EngineExecutor } from './engine-executor.js'
import { type Executor, Mode } from './executor.js'
import { Input } from './input.js'
import { Iteration } from './iteration.js'
import { MapCall } from './map-call.js'
import { ResultIterator } from './result-iterator.js'
import { Source } from './source.js'
import { WorkerExecutor } from './worker-executor.js'

/** Jobs that a chunk is cut into. */
const SLICES_PER_CHUNK = 8

/** @see PoolContract */
export class Pool implements PoolContract {
  readonly processes: number
  readonly engine: object | undefined
  readonly #agent: Agent
  readonly #executor: Executor
  readonly #calls = new Set<PendingCall>()
  /** Maps whose items are still coming in; what settles when they have all been handed over, or never will be. */
  readonly #inputs = new Map<Input, Promise<void>>()
  readonly #alarms = new Alarms()
  /** Begun or not, as long as results may be asked of them. */
  readonly #iterations = new Set<Iteration>()
  /** Jobs that a chunk is cut into. */
  readonly #slices: number
  /** Chunks of an iteration that are in hand: those that workers work on, and for each one that it finds when that is done. */
  readonly #inHand: number
  #state: 'open' | 'closed' | 'terminated' = 'open'
  #ended: Promise<void> | undefined

  /** @param engine to run on, and not to end; default: one that the backend makes, or core's own workers */
  constructor(agent: Agent, options?: PoolOptions | number, engine?: Engine) {
    agent.assertOpen()
    assertMayStart()
    const given = typeof options === 'number' ? { processes: options } : checkOptions(options, 'the options of a Pool')
    this.#agent = agent
    const processes = processesOf(given?.processes)
    const initializer = given?.initializer === undefined ? undefined : describeTarget(given.initializer, 'Pool initializer')
    const initargs = argumentsOf(given?.initargs, 'initargs')
    const concurrency = given?.concurrency === undefined ? 1 : wholeNumber(given.concurrency, 'concurrency', 'of tasks')
    const mostJobs =
      given?.maxTasksPerChild === undefined ? 0 : wholeNumber(given.maxTasksPerChild, 'maxTasksPerChild', 'of chunks')
    // A chunk that counts must be one job.
    this.#slices = mostJobs === 0 ? SLICES_PER_CHUNK : 1
    const runsOn = engine ?? agent.backend.createEngine?.(given?.processes, given?.concurrency)
    const size = runsOn?.size ?? processes
    this.engine = runsOn?.instance
    this.processes = size
    this.#inHand = size * ((runsOn?.concurrency ?? concurrency) + 1)
    const order = { size, initializer, initargs, concurrency: runsOn?.concurrency ?? concurrency, mostJobs }
    this.#executor = runsOn ? new EngineExecutor(agent, runsOn, order) : new WorkerExecutor(agent, order)
    agent.pools.add(this)
  }

  get workers(): readonly ProcessInfo[] {
    return this.#executor.workers
  }

  get stats(): PoolStats {
    return this.#executor.stats
  }

  map(fn: unknown, items: unknown, options?: AnyMapOptions): Promise<never> {
    return this.#map(fn, items, options, Mode.each, 'map()') as Promise<never>
  }

  starmap(fn: unknown, items: unknown, options?: AnyMapOptions): Promise<never> {
    return this.#map(fn, items, options, Mode.spread, 'starmap()') as Promise<never>
  }

  apply(fn: unknown, args?: readonly unknown[], options?: WaitOptions): Promise<never> {
    return this.#apply(fn, args, options) as Promise<never>
  }

  imap(fn: unknown, items: unknown, options?: AnyIterateOptions): ResultIterator & never {
    return this.#iterate(fn, items, options, true, 'imap()') as never
  }

  imapUnordered(fn: unknown, items: unknown, options?: AnyIterateOptions): ResultIterator & never {
    return this.#iterate(fn, items, options, false, 'imapUnordered()') as never
  }

  applyAsync(fn: unknown, args?: readonly unknown[], options?: WaitOptions & ResultCallbacks<never>): AsyncResult & never {
    const callbacks = callbacksOf(options, 'applyAsync()')
    const handle: CallHandle = { call: undefined }
    return new AsyncResult(this.#apply(fn, args, options, handle), callbacks, handle, this.#blockFor) as never
  }

  mapAsync(fn: unknown, items: unknown, options?: AnyMapOptions & ResultCallbacks<never>): AsyncResult & never {
    const callbacks = callbacksOf(options, 'mapAsync()')
    const handle: CallHandle = { call: undefined }
    const outcome = this.#map(fn, items, options, Mode.each, 'mapAsync()', handle)
    return new AsyncResult(outcome, callbacks, handle, this.#blockFor) as never
  }

  starmapAsync(fn: unknown, items: unknown, options?: AnyMapOptions & ResultCallbacks<never>): AsyncResult & never {
    const callbacks = callbacksOf(options, 'starmapAsync()')
    const handle: CallHandle = { call: undefined }
    const outcome = this.#map(fn, items, options, Mode.spread, 'starmapAsync()', handle)
    return new AsyncResult(outcome, callbacks, handle, this.#blockFor) as never
  }

  mapSync(fn: unknown, items: unknown, options?: AnySyncMapOptions): never {
    return this.#mapSync(fn, items, options, Mode.each, 'mapSync()')
  }

  starmapSync(fn: unknown, items: unknown, options?: AnySyncMapOptions): never {
    return this.#mapSync(fn, items, options, Mode.spread, 'starmapSync()')
  }

  applySync(fn: unknown, args?: readonly unknown[], options?: SyncWaitOptions): never {
    const target = describeTarget(fn, 'Pool target')
    const given = argumentsOf(args, 'args')
    const deadline = syncDeadline(options, 'the options of applySync()')
    this.#agent.assertMayBlock()
    this.#assertOpen()
    return this.#outcomeSync(new ApplyCall(this.#executor.blocking, target, given), deadline) as never
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    // What was called before still counts.
    for (const iteration of [...this.#iterations]) iteration.drain()
    this.#ended = Promise.all([...this.#inputs.values(), ...[...this.#iterations].map(({ fed }) => fed)])
      .then(() => this.#executor.close())
      .finally(() => this.#agent.pools.delete(this))
  }

  join(options?: WaitOptions): Promise<void> {
    checkOptions(options, 'the options of join()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    if (this.#ended === undefined) throw new StateError('join() of a pool that is still open: call close() or terminate() first')
    if (signal?.aborted) return Promise.reject(signal.reason)
    return settleWithin(this.#ended, deadline, signal, notEnded)
  }

  joinSync(options?: SyncWaitOptions): void {
    const deadline = syncDeadline(options, 'the options of joinSync()')
    if (this.#ended === undefined)
      throw new StateError('joinSync() of a pool that is still open: call close() or terminate() first')
    this.#agent.assertMayBlock()
    if (!this.#agent.pools.has(this)) return
    const join = this.#executor.joinSync?.bind(this.#executor)
    if (!join) throw onEngine()
    if (this.#state === 'closed') {
      this.#assertFed()
      void this.#executor.close()
    }
    if (!this.#block(join, deadline)) throw notEnded()
  }

  terminate(): Promise<void> {
    if (this.#state === 'terminated') return this.#ended as Promise<void>
    this.#state = 'terminated'
    for (const call of [...this.#calls, ...this.#iterations]) {
      call.cancel(new ClosedError('the pool was terminated while this was pending'))
    }
    this.#ended = this.#executor.terminate().finally(() => this.#agent.pools.delete(this))
    return this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate()
  }

  /** Refuses to travel: its calls and workers are this agent's. */
  [SHARE](): never {
    throw new NotCloneableError(
      'a Pool stays with the agent that made it. Send the data, and make the calls here; or make another Pool there',
      '',
    )
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected(
      'Pool',
      () => ({ processes: this.processes, state: this.#state, pending: this.#calls.size + this.#iterations.size }),
      how,
    )
  }

  #iterate(fn: unknown, items: unknown, options: AnyIterateOptions | undefined, ordered: boolean, what: string): ResultIterator {
    const target = describeTarget(fn, 'Pool target')
    checkOptions(options, `the options of ${what}`)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    const chunksize = options?.chunksize === undefined ? 1 : chunksizeOf(options.chunksize, 1, this.processes)
    const allSettled = flagOf(options?.settled, 'settled', false)
    assertIterable(items, what)
    this.#assertOpen()
    const plan = {
      target,
      source: new Source(items),
      chunksize,
      window: this.#inHand,
      ordered,
      settled: allSettled,
      deadline,
      alarms: this.#alarms,
      signal,
    }
    const iteration = new Iteration(this.#executor, plan, (one) => this.#iterations.delete(one))
    this.#iterations.add(iteration)
    return new ResultIterator(iteration, allSettled)
  }

  #apply(
    fn: unknown,
    args: readonly unknown[] | undefined,
    options: WaitOptions | undefined,
    handle?: CallHandle,
  ): Promise<unknown> {
    const target = describeTarget(fn, 'Pool target')
    const given = argumentsOf(args, 'args')
    checkOptions(options, 'the options of apply()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertOpen()
    if (signal?.aborted) return refused(signal.reason, handle)
    const call = new ApplyCall(this.#executor, target, given)
    this.#submit(call)
    if (handle) handle.call = call
    return this.#outcome(call, deadline, signal)
  }

  #mapSync(fn: unknown, items: unknown, options: AnySyncMapOptions | undefined, mode: Mode, what: string): never {
    const target = describeTarget(fn, 'Pool target')
    const deadline = syncDeadline(options, `the options of ${what}`)
    this.#agent.assertMayBlock()
    if (!isIterable(items)) throw new TypeError(`${what} takes an iterable of items; got ${shown(items)}`)
    if (options?.chunksize !== undefined) chunksizeOf(options.chunksize, 0, this.processes)
    const onProgress = callbackOf(options?.onProgress, 'onProgress')
    const settled = flagOf(options?.settled, 'settled', false)
    this.#assertOpen()
    const all = Array.isArray(items) ? items : [...items]
    if (mode === Mode.spread) assertArrays(all)
    const chunksize = chunksizeOf(options?.chunksize, all.length, this.processes)
    const plan = { target, mode, items: all, chunksize, slices: this.#slices, settled, onProgress }
    return this.#outcomeSync(new MapCall(this.#executor.blocking, plan), deadline) as never
  }

  #map(
    fn: unknown,
    items: unknown,
    options: AnyMapOptions | undefined,
    mode: Mode,
    what: string,
    handle?: CallHandle,
  ): Promise<unknown> {
    const target = describeTarget(fn, 'Pool target')
    checkOptions(options, `the options of ${what}`)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    const chunksize = options?.chunksize
    if (chunksize !== undefined) chunksizeOf(chunksize, 0, this.processes)
    const given = callbackOf(options?.onProgress, 'onProgress')
    // Results arrive outside of any flow of the program's; what it is told of them belongs to the call's.
    const onProgress = given && AsyncResource.bind(given)
    const allSettled = flagOf(options?.settled, 'settled', false)
    assertIterable(items, what)
    this.#assertOpen()
    if (signal?.aborted) return refused(signal.reason, handle)
    const run = (all: readonly unknown[]): Promise<unknown> => {
      if (mode === Mode.spread) assertArrays(all)
      const size = chunksizeOf(chunksize, all.length, this.processes)
      const plan = { target, mode, items: all, chunksize: size, slices: this.#slices, settled: allSettled, onProgress }
      const call = new MapCall(this.#executor, plan)
      this.#submit(call)
      if (handle) handle.call = call
      return this.#outcome(call, deadline, signal)
    }
    if (Array.isArray(items)) return run(items)
    const input = new Input(items)
    this.#submit(input)
    let result: Promise<unknown> | undefined
    const submitted = this.#outcome(input, deadline, signal).then((all) => {
      this.#inputs.delete(input)
      this.#agent.assertOpen()
      result = run(all as readonly unknown[])
      result.catch(() => {})
    })
    const handedOver = submitted.catch(() => {}).finally(() => this.#inputs.delete(input))
    this.#inputs.set(input, handedOver)
    return submitted.then(() => result)
  }

  /** @throws NotCloneableError at once: that is no matter of waiting */
  #submit(call: PendingCall): void {
    this.#calls.add(call)
    try {
      call.submit()
    } catch (error) {
      this.#calls.delete(call)
      throw error
    }
  }

  async #outcome(call: PendingCall, deadline: number, signal: AbortSignal | undefined): Promise<unknown> {
    if (!call.settled) {
      const alarm = deadline < Number.POSITIVE_INFINITY ? this.#alarms.add(call, deadline) : undefined
      const unlisten = signal && onAbort(signal, () => call.cancel(signal.reason))
      await new Promise<void>((resolve) => {
        call.onSettled = resolve
      })
      alarm?.disarm()
      unlisten?.()
    }
    this.#calls.delete(call)
    try {
      return call.result()
    } catch (error) {
      throw rethrown(error)
    }
  }

  #outcomeSync(call: PendingCall, deadline: number): unknown {
    this.#submit(call)
    const executor = this.#executor.blocking
    if (!this.#block((until) => executor.waitSync(() => call.settled, until), deadline)) call.cancel(tooLate())
    this.#calls.delete(call)
    try {
      return call.result()
    } catch (error) {
      throw rethrown(error)
    }
  }

  /** Blocks this thread by `wait`, which gives `false` when its time ran out. Meanwhile the calls of others end in their time, too: this one may be waiting for that. */
  #block(wait: (deadline: number) => boolean, deadline: number): boolean {
    for (;;) {
      if (wait(Math.min(deadline, this.#alarms.next))) return true
      if (performance.now() >= deadline) return false
      this.#alarms.ringThoseDue()
    }
  }

  readonly #blockFor: BlockFor = (call, deadline) => {
    if (call?.settled) return true
    this.#agent.assertMayBlock()
    if (!call) throw needsEventLoop('the items of this call are')
    const executor = this.#executor
    if (!executor.joinSync) throw onEngine()
    return this.#block((until) => executor.waitSync(() => call.settled, until), deadline)
  }

  /** @throws StateError where something is still to come that this thread's event loop brings */
  #assertFed(): void {
    if (this.#inputs.size > 0) throw needsEventLoop('the items of a map are')
    for (const { isFed } of this.#iterations) if (!isFed) throw needsEventLoop('the input of an imap is')
  }

  #assertOpen(): void {
    this.#agent.assertOpen()
    if (this.#state !== 'open') throw new ClosedError(`the pool is ${this.#state}: it takes no more calls`)
  }
}

type AnySyncMapOptions = SyncMapOptions | Settled<SyncMapOptions>
type AnyMapOptions = MapOptions | Settled<MapOptions>
type AnyIterateOptions = IterateOptions | Settled<IterateOptions>

function callbacksOf(options: ResultCallbacks<never> | undefined, what: string) {
  checkOptions(options, `the options of ${what}`)
  return {
    callback: callbackOf(options?.callback, 'callback'),
    errorCallback: callbackOf(options?.errorCallback, 'errorCallback'),
  }
}

/** What a call fails with before it is begun. */
function refused(reason: unknown, handle: CallHandle | undefined): Promise<never> {
  if (handle) handle.call = failedCall(reason)
  return Promise.reject(reason)
}

function notEnded(): TimeoutError {
  return new TimeoutError('the pool did not end in time; it goes on')
}

function needsEventLoop(what: string): StateError {
  return new StateError(
    `${what} still read by this thread's event loop, which a sync wait would block for ever: use the async form, or give an array`,
  )
}

function onEngine(): NotSupportedError {
  return new NotSupportedError(
    "the pool runs on an engine, whose workers need this thread's event loop (capabilities.poolSync): use the async form, or mapSync() and applySync()",
  )
}
