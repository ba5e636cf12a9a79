import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import type { Worker } from 'node:worker_threads'
import type { Context } from '@multiproc/core'
import { expect } from 'vitest'
import { Limit } from './support/hang.js'

/** Compares a test's surroundings before and after: whatever came into being with it must have gone. */
export class LeftBehind {
  readonly #resources = countResources()
  readonly #listeners = countListeners()
  readonly #signals: AbortSignal[] = []
  readonly #warnings: string[] = []
  readonly #timers = new TimerWatch()
  readonly #agents = new AgentWatch()
  readonly #onWarning = (warning: Error) => {
    if (warning.name === 'MaxListenersExceededWarning') this.#warnings.push(warning.message)
  }

  constructor() {
    process.on('warning', this.#onWarning)
  }

  /** Adds a signal to what must have no listeners in the end. */
  watch(controller: AbortController): AbortController {
    this.#signals.push(controller.signal)
    return controller
  }

  /** Looks no more. */
  stop(): void {
    process.off('warning', this.#onWarning)
    this.#timers.stop()
    this.#agents.stop()
  }

  /**
   * Ends well once the open context holds no agent, no wait and no block, and nothing keeps this process alive: given turns of the event loop and
   * collections, as much as it takes.
   */
  assertContextEmpty(mp: Context, limit: number): Promise<void> {
    return settles(limit, 'before the context is closed', () => {
      const { agents, waits, blocks, bytes } = mp.usage()
      const clean = agents <= 1 && waits === 0 && blocks === 0
      return { ...(clean ? {} : { agents: agents - 1, waits, blocks, bytes }), ...this.#alive() }
    })
  }

  /** Ends well once nothing at all is left, timers that hold nothing alive included. The context is closed. */
  async assertNothing(limit: number): Promise<void> {
    this.stop()
    await settles(limit, 'after the context was closed', () => ({
      ...this.#alive(),
      ...some('timers', this.#timers.pending()),
      ...excess('process listener: ', countListeners(), this.#listeners),
    }))
    expect(this.#warnings, 'warnings of leaking listeners').toEqual([])
  }

  #alive(): Record<string, unknown> {
    const listeners = this.#signals.flatMap((signal) => getEventListeners(signal, 'abort'))
    return {
      ...some('agents of the platform', this.#agents.running()),
      ...some('timers that hold the process alive', this.#timers.pending(true)),
      ...some('abort listeners', listeners.map(String)),
      ...excess('resource: ', countResources(), this.#resources),
    }
  }
}

function some(what: string, list: readonly string[]): Record<string, readonly string[]> {
  return list.length > 0 ? { [what]: list } : {}
}

/** Of the test's own making, and the first thing to look for. */
const HINT = 'Objects stay while the test refers to them: so does `expect(promise).rejects`; use thrown().'

/** What is left goes within a few collections and turns of the event loop. However long each of them takes on a busy machine, it has at least so many. */
const LEAST_LOOKS = 20

/** @param look what is left, by name; empty: nothing */
async function settles(limit: number, when: string, look: () => Record<string, unknown>): Promise<void> {
  const time = new Limit(limit)
  for (let looks = 1; ; looks++) {
    // First in its turn of the event loop: what looking finds through a weak reference is kept until the turn ends.
    collectGarbage()
    const left = look()
    if (Object.keys(left).length === 0) return
    if (looks >= LEAST_LOOKS && time.isOver)
      throw new Error(`left behind by the test, ${when}: ${inspect(left, { depth: 4 })}\n${HINT}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** What keeps this process alive, by kind; but for timers, of which the test runner has its own, and which are watched one by one. */
function countResources(): Map<string, number> {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout' && kind !== 'Immediate')
  return tally(kinds.map((kind) => [kind, 1]))
}

function countListeners(): Map<string, number> {
  return tally(process.eventNames().map((name) => [String(name), process.listenerCount(name)]))
}

function tally(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [name, count] of entries) counts.set(name, (counts.get(name) ?? 0) + count)
  return counts
}

function excess(prefix: string, now: Map<string, number>, before: Map<string, number>): Record<string, number> {
  const more = [...now].map(([name, count]) => [prefix + name, count - (before.get(name) ?? 0)] as const)
  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** `Timeout._destroyed`: whether it was cleared or has fired for the last time. Node has no public word for it. */
interface Timer extends NodeJS.Timeout {
  readonly _destroyed?: boolean
}

/** Notes the timers that are made while it watches: those that hold nothing alive appear in no list of Node's. */
class TimerWatch {
  /** Weakly: while pending, Node holds them; afterwards what their callbacks refer to must be free to go. */
  readonly #made: { readonly timer: WeakRef<Timer>; readonly origin: string }[] = []
  readonly #originals = { setTimeout: globalThis.setTimeout, setInterval: globalThis.setInterval }

  constructor() {
    const probe: Timer = setTimeout(() => {})
    clearTimeout(probe)
    if (probe._destroyed !== true) throw new Error('this version of Node does not say whether a timer is pending')
    for (const name of ['setTimeout', 'setInterval'] as const) {
      const apply = (original: (...args: unknown[]) => Timer, self: unknown, args: unknown[]) => {
        const timer = Reflect.apply(original, self, args)
        this.#made.push({ timer: new WeakRef(timer), origin: String(new Error(`${name}(…, ${args[1]})`).stack) })
        return timer
      }
      globalThis[name] = new Proxy(this.#originals[name], { apply }) as never
    }
  }

  stop(): void {
    Object.assign(globalThis, this.#originals)
  }

  /** Where each timer that is still pending was set. `holding`: only those that hold the process alive. */
  pending(holding = false): string[] {
    const pending = this.#made.filter(({ timer }) => {
      const alive = timer.deref()
      return alive?._destroyed === false && (!holding || alive.hasRef())
    })
    return pending.map(({ origin }) => origin)
  }
}

/** Notes the threads and processes that are started while it watches; they appear in no list of Node's either. */
class AgentWatch {
  /** Weakly: while they run, Node holds them; afterwards what their listeners refer to must be free to go. */
  readonly #threads: WeakRef<Worker>[] = []
  readonly #processes: WeakRef<ChildProcess>[] = []
  readonly #onThread = (thread: Worker) => void this.#threads.push(new WeakRef(thread))
  readonly #onProcess = (message: unknown) =>
    void this.#processes.push(new WeakRef((message as { process: ChildProcess }).process))

  constructor() {
    process.on('worker', this.#onThread)
    subscribe('child_process', this.#onProcess)
  }

  stop(): void {
    process.off('worker', this.#onThread)
    unsubscribe('child_process', this.#onProcess)
  }

  running(): string[] {
    // The documented sign of a thread that has ended.
    const threads = living(this.#threads).filter(({ threadId }) => threadId !== -1)
    const processes = living(this.#processes).filter((one) => one.exitCode === null && one.signalCode === null)
    return [...threads.map(({ threadId }) => `thread ${threadId}`), ...processes.map(({ pid }) => `process ${pid}`)]
  }
}

function living<T extends object>(refs: readonly WeakRef<T>[]): T[] {
  return refs.map((ref) => ref.deref()).filter((one) => one !== undefined)
}

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void }
  if (!gc) throw new Error('the conformance suite needs node --expose-gc: set test.execArgv in the vitest configuration')
  gc()
}
