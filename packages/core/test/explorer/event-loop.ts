import { Event, MOMENT_MS, Took } from './operation.js'
import type { Recorder } from './recorder.js'

/** An event loop whose every choice of what to run next is an operation: what Node gives an agent, seen from within it. */
export class EventLoop {
  readonly #recorder: Recorder
  #microtasks: (() => void)[] = []
  #immediates: (() => void)[] = []
  #timers: Timer[] = []
  #signals: Signal[] = []
  #lastTimer = 0
  /** How many async waits the agent has. */
  waits: () => number = () => 0
  /** What to do when the doorbell's wait ends. */
  #onBell: (() => void) | undefined

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** Runs events until `isDone`. */
  run(isDone: () => boolean): void {
    for (;;) {
      for (let task = this.#microtasks.shift(); task; task = this.#microtasks.shift()) task()
      if (isDone()) return
      const timer = this.#nextTimer()
      const result = this.#recorder.perform({
        do: 'poll',
        timer: timer === undefined ? 'none' : timer.due <= this.#recorder.clock + MOMENT_MS ? 'soon' : 'late',
        interval: this.#timers.some((one) => one.repeats && one.ms < 2 ** 30),
        immediate: this.#immediates.length > 0,
        signals: this.#signals.flatMap((signal, id) => (signal.aborted ? [] : [id])),
      })
      this.#dispatch(result & 7, result >> 3)
    }
  }

  queueMicrotask(task: () => void): void {
    this.#microtasks.push(task)
  }

  setImmediate(task: () => void): void {
    this.#immediates.push(task)
  }

  setTimer(task: () => void, ms: number, repeats: boolean): Timer {
    const timer: Timer = { id: ++this.#lastTimer, task, ms, due: this.#recorder.clock + ms, repeats, ref: self, unref: self }
    function self(): Timer {
      return timer
    }
    this.#timers.push(timer)
    return timer
  }

  clearTimer(timer: Timer | undefined): void {
    this.#timers = this.#timers.filter((one) => one !== timer)
  }

  /** What is pending, as text; `undefined` where that cannot be told, because a task is about to run that may be anything. */
  get pending(): string | undefined {
    if (this.#microtasks.length > 0 || this.#immediates.length > 0) return undefined
    const timers = this.#timers.map(({ id, ms, due }) => `${id}/${ms}/${Math.max(0, due - this.#recorder.clock)}`)
    const signals = this.#signals.map(({ aborted }) => (aborted ? 1 : 0))
    return `${timers.join()} ${signals.join('')} ${this.#onBell ? 1 : 0} ${this.waits()}`
  }

  /** The agent listens to its bell. */
  listen(onBell: () => void): void {
    this.#onBell = onBell
  }

  /** A signal that may abort whenever the loop turns. */
  signal(): Signal {
    const signal = new Signal()
    this.#signals.push(signal)
    return signal
  }

  #nextTimer(): Timer | undefined {
    let next: Timer | undefined
    for (const one of this.#timers) if (!one.repeats && (!next || one.due < next.due)) next = one
    return next
  }

  #dispatch(event: number, id: number): void {
    switch (event) {
      case Event.timer: {
        const timer = this.#nextTimer() as Timer
        this.clearTimer(timer)
        const { clock } = this.#recorder
        if (timer.due > clock) this.#recorder.passTime(timer.due <= clock + MOMENT_MS ? Took.moment : Took.tooLong)
        return timer.task()
      }
      case Event.interval:
        return this.#timers.find((one) => one.repeats && one.ms < 2 ** 30)?.task()
      case Event.immediate:
        return this.#immediates.shift()?.()
      case Event.bell:
        return this.#onBell?.()
      case Event.abort:
        return this.#signals[id]?.abort()
    }
  }
}

export interface Timer {
  readonly id: number
  readonly task: () => void
  readonly ms: number
  readonly due: number
  readonly repeats: boolean
  ref(): Timer
  unref(): Timer
}

/** In place of AbortSignal. */
export class Signal {
  aborted = false
  readonly reason = 'aborted'
  #listeners: (() => void)[] = []

  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  abort(): void {
    this.aborted = true
    for (const listener of [...this.#listeners]) listener()
  }
}

/** A class in place of Promise, whose reactions run as microtasks of the agent that is being run. */
export function promiseClass(queueMicrotask: (task: () => void) => void) {
  return class StepPromise<T> {
    #settled: { readonly ok: boolean; readonly value: unknown } | undefined
    #reactions: (() => void)[] = []

    constructor(executor: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void) {
      executor(
        (value) => this.#settle(true, value),
        (reason) => this.#settle(false, reason),
      )
    }

    static resolve(value: unknown) {
      return new StepPromise((resolve) => resolve(value))
    }

    static reject(reason: unknown) {
      return new StepPromise((_, reject) => reject(reason))
    }

    // biome-ignore lint/suspicious/noThenProperty: it is a promise.
    then(onValue?: (value: T) => unknown, onError?: (reason: unknown) => unknown) {
      return new StepPromise<unknown>((resolve, reject) => {
        const react = () => {
          const { ok, value } = this.#settled as { ok: boolean; value: unknown }
          const handler = (ok ? onValue : onError) as ((value: unknown) => unknown) | undefined
          if (!handler) return ok ? resolve(value) : reject(value)
          try {
            resolve(handler(value))
          } catch (error) {
            reject(error)
          }
        }
        if (this.#settled) queueMicrotask(react)
        else this.#reactions.push(react)
      })
    }

    catch(onError: (reason: unknown) => unknown) {
      return this.then(undefined, onError)
    }

    #settle(ok: boolean, value: unknown): void {
      if (this.#settled) return
      this.#settled = { ok, value }
      for (const react of this.#reactions) queueMicrotask(react)
      this.#reactions = []
    }
  }
}
