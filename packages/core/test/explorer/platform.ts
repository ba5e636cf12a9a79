import type { Views } from '../../src/memory/space.js'
import { EventLoop, promiseClass, Signal, type Timer } from './event-loop.js'
import { WORDS } from './memory.js'
import { type Operation, Outcome } from './operation.js'
import { Recorder } from './recorder.js'

/** In place of what Node and JavaScript give: every access to shared memory, the clock and the event loop is an operation of the agent that is being run. */
export class Platform {
  readonly recorder = new Recorder()
  /** Of the agent that is being run; a new one each time it is. */
  loop = new EventLoop(this.recorder)
  readonly views: Views
  /** The names that the code under test finds in place of the globals. */
  readonly globals: Readonly<Record<string, unknown>>

  constructor() {
    const perform = (operation: Operation) => this.recorder.perform(operation)
    this.views = sharedViews(perform)
    this.globals = {
      explorer: {
        mark: () => this.recorder.mark(),
        cut: (mark: number, ...key: unknown[]) => this.cut(mark, ...key),
        /** A function that changes nothing but shared memory: once it has returned, all that is left of it is its result. */
        returning:
          <A extends unknown[]>(name: string, fn: (...args: A) => unknown) =>
          (...args: A) => {
            const mark = this.recorder.mark()
            const { deadline } = this.recorder
            // It waits without one, whatever the deadline of what it is called for.
            if (name === 'lockNow') this.recorder.deadline = Number.POSITIVE_INFINITY
            const result = fn(...args)
            this.recorder.deadline = deadline
            this.recorder.cut(mark, `${name} ${result}`)
            return result
          },
      },
      Atomics: this.#atomics(perform),
      Promise: promiseClass((task) => this.loop.queueMicrotask(task)),
      AbortSignal: Signal,
      performance: { now: () => this.recorder.clock },
      queueMicrotask: (task: () => void) => this.loop.queueMicrotask(task),
      setImmediate: (task: () => void) => this.loop.setImmediate(task),
      setTimeout: (task: () => void, ms: number) => this.loop.setTimer(task, ms, false),
      setInterval: (task: () => void, ms: number) => this.loop.setTimer(task, ms, true),
      clearTimeout: (timer: Timer | undefined) => this.loop.clearTimer(timer),
      clearInterval: (timer: Timer | undefined) => this.loop.clearTimer(timer),
    }
  }

  /** As `Recorder.cut`, where an event loop may have turned since `mark`. */
  cut(mark: number, ...key: unknown[]): void {
    const { pending } = this.loop
    // Objects are the agent's own, and the same in every round; what changes is in numbers, flags and words.
    const values = key.map((value) => (typeof value === 'object' || typeof value === 'function' ? '' : String(value)))
    if (pending !== undefined) this.recorder.cut(mark, `${values.join()} ${pending}`)
  }

  /** A wait; what it ended with, as `Atomics.wait` says it. */
  wait(at: number, value: number, ms: number): string {
    const result = this.recorder.perform({ do: 'wait', at, value, ms, left: this.recorder.deadline - this.recorder.clock })
    this.recorder.passTime(result >> 2)
    const outcome = result & 3
    return outcome === Outcome.ok ? 'ok' : outcome === Outcome.notEqual ? 'not-equal' : 'timed-out'
  }

  #atomics(perform: (operation: Operation) => number) {
    const change =
      (name: 'store' | 'exchange' | 'add' | 'sub' | 'and' | 'or' | 'xor') => (_: unknown, at: number, value: number) =>
        perform({ do: name, at, value: value | 0 })
    return {
      load: (_: unknown, at: number) => perform({ do: 'load', at }),
      store: change('store'),
      exchange: change('exchange'),
      add: change('add'),
      sub: change('sub'),
      and: change('and'),
      or: change('or'),
      xor: change('xor'),
      compareExchange: (_: unknown, at: number, expected: number, value: number) =>
        perform({ do: 'compareExchange', at, expected: expected | 0, value: value | 0 }),
      wait: (_: unknown, at: number, value: number, ms: number) => this.wait(at, value, ms),
      notify: (_: unknown, at: number, count: number) => perform({ do: 'notify', at, count }),
      waitAsync: (_: unknown, at: number) => {
        if (perform({ do: 'listen', at }) === 0) return { async: false, value: 'not-equal' }
        // biome-ignore lint/suspicious/noThenProperty: it stands for the promise of a wait.
        return { async: true, value: { then: (onBell: () => void) => this.loop.listen(onBell) } }
      },
    }
  }
}

/** Typed arrays over the explored memory: indexing them is an operation. */
function sharedViews(perform: (operation: Operation) => number): Views {
  const read = (at: number) => perform({ do: 'read', at })
  const write = (at: number, value: number) => perform({ do: 'write', at, value: value | 0 })
  const methods: Record<string, unknown> = {
    fill: (value: number, from: number, to: number) => {
      for (let at = from; at < to; at++) write(at, value)
    },
    subarray: (from: number, to: number) => Int32Array.from({ length: to - from }, (_, n) => read(from + n)),
  }
  const i32 = new Proxy(methods, {
    get: (_, key) => {
      const at = Number(key as string)
      if (Number.isInteger(at)) return read(at)
      if (key in methods) return methods[key as string]
      throw new Error(`the explorer does not know how shared memory is used here: i32.${String(key)}`)
    },
    set: (_, key, value) => {
      write(Number(key as string), value as number)
      return true
    },
  }) as unknown as Int32Array
  const u8 = {
    // An encoding is one word here, and the rest of its bytes is never looked at.
    set: (bytes: Uint8Array, at: number) => write(at / 4, new DataView(bytes.buffer).getInt32(0, true)),
    // The name of an agent, for a message.
    slice: () => new Uint8Array(0),
  }
  const known: Record<string, unknown> = { bytes: WORDS * 4, i32, u8 }
  return new Proxy(known, {
    get: (_, key) => {
      if (key in known) return known[key as string]
      throw new Error(`the explorer knows shared memory as 32-bit words, not as ${String(key)}`)
    },
  }) as unknown as Views
}
