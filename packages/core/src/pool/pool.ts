import { availableParallelism } from 'node:os'
import type { Agent } from '../agent.js'
import type { MapOptions, Pool as PoolContract, PoolOptions, SyncMapOptions } from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import { ClosedError, NotCloneableError, StateError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { assertMayStart } from '../process/offspring.js'
import { settleWithin } from '../process/settle-within.js'
import { onAbort } from '../sync/async-waiters.js'
import { describeTarget } from '../target/describe.js'
import { SHARE } from '../wire/shareable.js'
import { ApplyCall, MapCall, type MapPlan, type PendingCall, rethrown } from './call.js'
import { type Executor, Mode } from './executor.js'
import { Input } from './input.js'
import { WorkerExecutor } from './worker-executor.js'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** @see PoolContract */
export class Pool implements PoolContract {
  readonly processes: number
  readonly #agent: Agent
  readonly #executor: Executor
  readonly #calls = new Set<PendingCall>()
  /** Maps whose items are still coming in; each settles when they have all been handed over, or never will be. */
  readonly #inputs = new Set<Promise<void>>()
  #state: 'open' | 'closed' | 'terminated' = 'open'
  #ended: Promise<void> | undefined

  constructor(agent: Agent, options?: PoolOptions | number) {
    agent.assertOpen()
    assertMayStart()
    const given = typeof options === 'number' ? { processes: options } : checkOptions(options, 'the options of a Pool')
    this.#agent = agent
    this.processes = processesOf(given?.processes)
    const initializer = given?.initializer === undefined ? undefined : describeTarget(given.initializer, 'Pool initializer')
    const initargs = argumentsOf(given?.initargs, 'initargs')
    this.#executor = new WorkerExecutor(agent, this.processes, initializer, initargs)
    agent.pools.add(this)
  }

  get workers(): readonly ProcessInfo[] {
    return this.#executor.workers
  }

  map(fn: unknown, items: unknown, options?: MapOptions): Promise<never> {
    return this.#map(fn, items, options, Mode.each, 'map()') as Promise<never>
  }

  starmap(fn: unknown, items: unknown, options?: MapOptions): Promise<never> {
    return this.#map(fn, items, options, Mode.spread, 'starmap()') as Promise<never>
  }

  apply(fn: unknown, args?: readonly unknown[], options?: WaitOptions): Promise<never> {
    const target = describeTarget(fn, 'Pool target')
    const given = argumentsOf(args, 'args')
    checkOptions(options, 'the options of apply()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const call = new ApplyCall(this.#executor, target, given)
    this.#submit(call)
    return this.#outcome(call, deadline, signal) as Promise<never>
  }

  mapSync(fn: unknown, items: unknown, options?: SyncMapOptions): never {
    const target = describeTarget(fn, 'Pool target')
    const deadline = syncDeadline(options, 'the options of mapSync()')
    this.#agent.assertMayBlock()
    if (!isIterable(items)) throw new TypeError(`mapSync() takes an iterable of items; got ${shown(items)}`)
    if (options?.chunksize !== undefined) chunksizeOf(options.chunksize, 0, this.processes)
    this.#assertOpen()
    const all = Array.isArray(items) ? items : [...items]
    const chunksize = chunksizeOf(options?.chunksize, all.length, this.processes)
    return this.#outcomeSync(new MapCall(this.#executor, { target, mode: Mode.each, items: all, chunksize }), deadline) as never
  }

  applySync(fn: unknown, args?: readonly unknown[], options?: SyncWaitOptions): never {
    const target = describeTarget(fn, 'Pool target')
    const given = argumentsOf(args, 'args')
    const deadline = syncDeadline(options, 'the options of applySync()')
    this.#agent.assertMayBlock()
    this.#assertOpen()
    return this.#outcomeSync(new ApplyCall(this.#executor, target, given), deadline) as never
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    // What was called before still counts.
    this.#ended = Promise.all(this.#inputs)
      .then(() => this.#executor.close())
      .finally(() => this.#agent.pools.delete(this))
  }

  join(options?: WaitOptions): Promise<void> {
    checkOptions(options, 'the options of join()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    if (this.#ended === undefined) throw new StateError('join() of a pool that is still open: call close() or terminate() first')
    if (signal?.aborted) return Promise.reject(signal.reason)
    return settleWithin(this.#ended, deadline, signal, () => new TimeoutError('the pool did not end in time; it goes on'))
  }

  terminate(): Promise<void> {
    if (this.#state === 'terminated') return this.#ended as Promise<void>
    this.#state = 'terminated'
    for (const call of [...this.#calls]) call.cancel(new ClosedError('the pool was terminated while this was pending'))
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
    return inspected('Pool', () => ({ processes: this.processes, state: this.#state, pending: this.#calls.size }), how)
  }

  #map(fn: unknown, items: unknown, options: MapOptions | undefined, mode: Mode, what: string): Promise<unknown> {
    const target = describeTarget(fn, 'Pool target')
    checkOptions(options, `the options of ${what}`)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    const { chunksize, onProgress } = options ?? {}
    if (chunksize !== undefined) chunksizeOf(chunksize, 0, this.processes)
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw new TypeError(`onProgress must be a function; got ${shown(onProgress)}`)
    }
    if (!isIterable(items) && !isAsyncIterable(items))
      throw new TypeError(`${what} takes an iterable of items; got ${shown(items)}`)
    this.#assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const run = (all: readonly unknown[]): Promise<unknown> => {
      if (mode === Mode.spread) assertArrays(all)
      const plan: MapPlan = {
        target,
        mode,
        items: all,
        chunksize: chunksizeOf(chunksize, all.length, this.processes),
        onProgress,
      }
      const call = new MapCall(this.#executor, plan)
      this.#submit(call)
      return this.#outcome(call, deadline, signal)
    }
    if (Array.isArray(items)) return run(items)
    const input = new Input(items)
    this.#submit(input)
    let result: Promise<unknown> | undefined
    const submitted = this.#outcome(input, deadline, signal).then((all) => {
      this.#agent.assertOpen()
      result = run(all as readonly unknown[])
      result.catch(() => {})
    })
    const settled = submitted.catch(() => {}).finally(() => this.#inputs.delete(settled))
    this.#inputs.add(settled)
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
      const disarm = deadline < Number.POSITIVE_INFINITY ? armCancel(call, deadline) : undefined
      const unlisten = signal && onAbort(signal, () => call.cancel(signal.reason))
      await new Promise<void>((resolve) => {
        call.onSettled = resolve
      })
      disarm?.()
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
    if (!this.#executor.waitSync(() => call.settled, deadline)) call.cancel(tooLate())
    this.#calls.delete(call)
    try {
      return call.result()
    } catch (error) {
      throw rethrown(error)
    }
  }

  #assertOpen(): void {
    this.#agent.assertOpen()
    if (this.#state !== 'open') throw new ClosedError(`the pool is ${this.#state}: it takes no more calls`)
  }
}

/** Cancels the call when its time is up; returns how to disarm that. */
function armCancel(call: PendingCall, deadline: number): () => void {
  let timer: NodeJS.Timeout | undefined
  const arm = () => {
    const left = Math.ceil(deadline - performance.now())
    if (left <= 0 && timer !== undefined) call.cancel(tooLate())
    else timer = setTimeout(arm, Math.min(Math.max(0, left), LONGEST_TIMER_MS))
  }
  arm()
  return () => clearTimeout(timer)
}

function tooLate(): TimeoutError {
  return new TimeoutError(
    'the call was not done in time; what was queued of it is dropped, and workers busy with it are replaced',
  )
}

function processesOf(processes: unknown): number {
  if (processes === undefined) return availableParallelism()
  if (typeof processes !== 'number') throw new TypeError(`processes must be a number of workers; got ${shown(processes)}`)
  if (!Number.isInteger(processes) || processes < 1)
    throw new RangeError(`processes must be a whole number from 1; got ${shown(processes)}`)
  return processes
}

/** Default: four chunks for each worker, as in Python. */
function chunksizeOf(chunksize: unknown, items: number, processes: number): number {
  if (chunksize === undefined) return Math.max(1, Math.ceil(items / (4 * processes)))
  if (typeof chunksize !== 'number') throw new TypeError(`chunksize must be a number of items; got ${shown(chunksize)}`)
  if (!Number.isInteger(chunksize) || chunksize < 1)
    throw new RangeError(`chunksize must be a whole number from 1; got ${shown(chunksize)}`)
  return chunksize
}

function argumentsOf(args: unknown, what: string): readonly unknown[] {
  if (args === undefined) return []
  if (!Array.isArray(args)) throw new TypeError(`${what} must be an array of arguments; got ${shown(args)}`)
  return args
}

function assertArrays(items: readonly unknown[]): void {
  items.forEach((item, n) => {
    if (!Array.isArray(item))
      throw new TypeError(`starmap() takes an array of arguments for each call; items[${n}] is ${shown(item)}`)
  })
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return value !== null && value !== undefined && typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'
}
