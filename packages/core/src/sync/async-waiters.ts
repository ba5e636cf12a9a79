import type { Doorbell } from '../backend.js'
import { onAbort } from './on-abort.js'
import { type Park, type Resumption, type Suspending, TICK_MS } from './suspend.js'
import { delayUntil } from './timer.js'

/**
 * The async waiters of one agent. Each shared condition has a {@link Line}: its waiters stand first in, first out, and only the first one is
 * known to shared memory (by this agent's bell). So a thousand waiters cost others as much as one, and a waiter that leaves the line takes nothing with it.
 */
export class AsyncWaiters {
  readonly #doorbell: Doorbell
  readonly #now: () => number
  /** Lines whose first waiter sleeps on the doorbell. */
  readonly #parked = new Set<Line>()
  #pending = 0
  #ticker: NodeJS.Timeout | undefined
  #closed: Error | undefined

  /** @param openDoorbell given what to do when it rings */
  constructor(openDoorbell: (onRing: () => void) => Doorbell, now: () => number) {
    this.#doorbell = openDoorbell(() => this.#rung())
    this.#now = now
  }

  /** How many async waits are pending. */
  get pending(): number {
    return this.#pending
  }

  /**
   * Runs a slow path whenever its condition may have changed; settles with its result. The promise rejects with `signal.reason` on abort; `onExpired` gives
   * the result, or throws, when time has run out and the slow path itself has no result of that kind.
   */
  run<T>(line: Line, slowPath: Suspending<T>, deadline: number, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed)
    return new Promise<T>((resolve, reject) => {
      const waiter = new LineWaiter<T>(slowPath, resolve, reject, deadline)
      this.#count(1)
      if (deadline < Number.POSITIVE_INFINITY) this.#arm(line, waiter)
      if (signal) waiter.unlisten = onAbort(signal, () => this.#leave(line, waiter, 'aborted', signal.reason))
      line.waiters.push(waiter)
      if (line.waiters.length === 1) this.#advance(line, undefined)
    })
  }

  /** Rejects all who stand in a line; none of them takes anything. */
  dismiss(line: Line, reason: Error): void {
    // From the end: whoever becomes the first would look whether there is anything to take.
    for (const waiter of [...line.waiters].reverse()) this.#leave(line, waiter, 'aborted', reason)
  }

  /** Rejects everything that waits. */
  close(reason: Error): void {
    this.#closed = reason
    for (const line of [...this.#parked]) {
      for (const waiter of line.waiters.splice(0)) {
        this.#finish(waiter)
        waiter.reject(reason)
      }
    }
    this.#parked.clear()
    clearInterval(this.#ticker)
    this.#doorbell.close()
  }

  #rung(): void {
    // Whatever rang consumed this agent's bit in some waitlist, and which one cannot be known: all look again.
    for (const line of [...this.#parked]) this.#advance(line, 'woken')
  }

  /** Lets the first waiter run until it sleeps again, and then those behind it. `undefined` starts it. */
  #advance(line: Line, resumption: Resumption | undefined): void {
    if (line.running) return
    line.running = true
    try {
      for (let first = line.waiters[0]; first !== undefined; first = line.waiters[0]) {
        const park = this.#step(line, first, first.started ? resumption : undefined)
        if (park) {
          line.park = park
          this.#parked.add(line)
          if (park.tick > 0) this.#startTicking()
          return
        }
        resumption = undefined
      }
      line.park = undefined
      this.#parked.delete(line)
    } finally {
      line.running = false
    }
  }

  /** One step of a waiter; where it slept, or `undefined` when it is done and gone from the line. */
  #step(line: Line, waiter: LineWaiter<unknown>, resumption: Resumption | undefined): Park | undefined {
    try {
      const step = waiter.started ? waiter.slowPath.next(resumption ?? 'woken') : waiter.slowPath.next()
      waiter.started = true
      if (!step.done) return step.value
      this.#remove(line, waiter)
      waiter.resolve(step.value)
    } catch (error) {
      this.#remove(line, waiter)
      waiter.reject(error)
    }
    return undefined
  }

  /** A waiter's time is up, or it was aborted. */
  #leave(line: Line, waiter: LineWaiter<unknown>, why: 'expired' | 'aborted', reason?: unknown): void {
    if (why === 'aborted') waiter.reject(reason)
    const isFirst = line.waiters[0] === waiter
    if (why === 'aborted' && !waiter.started) {
      // It has touched nothing shared; starting it could take what nobody would receive.
      this.#remove(line, waiter)
      return
    }
    const park = this.#step(line, waiter, why)
    if (park) {
      const again = this.#step(line, waiter, why)
      if (again) throw new Error('a slow path went on after it was told to leave')
    }
    // Where it was not the first, it took down the bell under which the first one sleeps.
    this.#advance(line, isFirst ? undefined : 'woken')
  }

  #remove(line: Line, waiter: LineWaiter<unknown>): void {
    const index = line.waiters.indexOf(waiter)
    if (index < 0) return
    if (index === 0) line.waiters.shift()
    else line.waiters.splice(index, 1)
    this.#finish(waiter)
  }

  #finish(waiter: LineWaiter<unknown>): void {
    clearTimeout(waiter.timer)
    waiter.unlisten?.()
    this.#count(-1)
  }

  #count(change: number): void {
    const before = this.#pending
    this.#pending += change
    if ((before === 0) !== (this.#pending === 0)) this.#doorbell.hold(this.#pending > 0)
  }

  #arm(line: Line, waiter: LineWaiter<unknown>): void {
    waiter.timer = setTimeout(
      () => {
        if (this.#now() >= waiter.deadline) this.#leave(line, waiter, 'expired')
        else this.#arm(line, waiter)
      },
      delayUntil(waiter.deadline, this.#now()),
    )
  }

  #startTicking(): void {
    this.#ticker ??= setInterval(() => {
      let ticking = false
      for (const line of [...this.#parked]) {
        if (!line.park || line.park.tick === 0) continue
        this.#advance(line, 'tick')
        if (line.park && line.park.tick > 0) ticking = true
      }
      if (!ticking) {
        clearInterval(this.#ticker)
        this.#ticker = undefined
      }
    }, TICK_MS).unref()
  }
}

/** Those of one agent who wait for one condition, in the order they came. */
export class Line {
  readonly waiters: LineWaiter<unknown>[] = []
  park: Park | undefined
  running = false

  get isEmpty(): boolean {
    return this.waiters.length === 0
  }
}

class LineWaiter<T> {
  started = false
  timer: NodeJS.Timeout | undefined
  unlisten: (() => void) | undefined

  readonly resolve: (value: unknown) => void
  constructor(
    readonly slowPath: Suspending<T>,
    resolve: (value: T) => void,
    readonly reject: (reason: unknown) => void,
    readonly deadline: number,
  ) {
    this.resolve = resolve as (value: unknown) => void
  }
}
