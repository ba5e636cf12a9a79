import type { Agent } from '../agent.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { Line } from '../sync/async-waiters.js'
import { asyncWaiter, type Resumption, runSyncByBell, type Suspending } from '../sync/suspend.js'
import { WAITABLE, type Waitable } from './waitable.js'

/** One of those that are waited for. */
interface Entry<T> {
  readonly thing: T
  readonly waitable: Waitable
}

/** @see Context.wait */
export function wait<T>(agent: Agent, things: Iterable<T>, options?: WaitOptions): Promise<T[]> {
  checkOptions(options, 'the options of wait()')
  const deadline = deadlineOf(options)
  const signal = signalOf(options)
  agent.assertOpen()
  const entries = entriesOf(agent, things, 'wait()')
  if (signal?.aborted) return Promise.reject(signal.reason)
  const ready = readyOf(entries)
  if (ready.length > 0 || entries.length === 0) return Promise.resolve(ready)
  return agent.waiters.run(new Line(), waitSlow(agent, entries, false), deadline, signal)
}

/** @see Context.waitSync */
export function waitSync<T>(agent: Agent, things: Iterable<T>, options?: SyncWaitOptions): T[] {
  const deadline = syncDeadline(options, 'the options of waitSync()')
  agent.assertMayBlock()
  const entries = entriesOf(agent, things, 'waitSync()')
  const ready = readyOf(entries)
  if (ready.length > 0 || entries.length === 0) return ready
  return runSyncByBell(agent, waitSlow(agent, entries, true), deadline)
}

/**
 * Stands on all waitlists at once: by its agent's one bell, which takes no wake-up from a sleeping thread, and whoever hears it looks at everything.
 * @param blocks whether the event loop stands still meanwhile
 */
function* waitSlow<T>(agent: Agent, entries: readonly Entry<T>[], blocks: boolean): Suspending<T[]> {
  const waiter = asyncWaiter(agent)
  let resumption: Resumption | undefined
  let examined = false
  try {
    for (;;) {
      for (const { waitable } of entries) waiter.enlist(waitable.words, waitable.at)
      if (resumption === 'aborted') return []
      if (!examined) for (const { waitable } of entries) waitable.examine?.()
      examined = true
      const ready = readyOf(entries)
      if (ready.length > 0 || resumption === 'expired') return ready
      const { words, at } = (entries[0] as Entry<T>).waitable
      resumption = yield { words, at, ticket: 0, tick: blocks ? tickOf(entries) : 0 }
    }
  } finally {
    for (const { waitable } of entries) waiter.withdraw(waitable.words, waitable.at)
  }
}

/** ms; 0: never. */
function tickOf(entries: readonly Entry<unknown>[]): number {
  let least = 0
  for (const { waitable } of entries) {
    const { tick = 0 } = waitable
    if (tick > 0 && (least === 0 || tick < least)) least = tick
  }
  return least
}

function readyOf<T>(entries: readonly Entry<T>[]): T[] {
  return entries.filter(({ waitable }) => waitable.isReady()).map(({ thing }) => thing)
}

/** @throws TypeError for what cannot be waited for here */
function entriesOf<T>(agent: Agent, things: Iterable<T>, what: string): Entry<T>[] {
  if (typeof things !== 'object' || things === null || typeof things[Symbol.iterator] !== 'function') {
    throw new TypeError(`${what} takes an array of what to wait for; got ${shown(things)}`)
  }
  return Array.from(things, (thing, index) => {
    const one = thing as { [WAITABLE]?: () => Waitable } | null | undefined
    if (typeof one !== 'object' || one === null || typeof one[WAITABLE] !== 'function') {
      throw new TypeError(`${what} takes processes, connections and queues; things[${index}] is ${shown(thing)}`)
    }
    const waitable = one[WAITABLE]()
    if (waitable.agent !== agent) {
      throw new TypeError(`${what} takes things of its own context; things[${index}] (${shown(thing)}) belongs to another one`)
    }
    return { thing, waitable }
  })
}
