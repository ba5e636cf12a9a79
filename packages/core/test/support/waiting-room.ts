import { vi } from 'vitest'
import { AsyncWaiters, Line } from '../../src/sync/async-waiters.js'
import type { Resumption, Suspending } from '../../src/sync/suspend.js'

const words = new Int32Array(2)

interface WaitOptions {
  timeout?: number
  signal?: AbortSignal
  /** ms */
  tick?: number
  on?: Line
}

/** The async waiters of one agent, on vitest's clock, and something that they wait for: tokens, which are given out one by one. */
export class WaitingRoom {
  readonly line = new Line()
  readonly waiters: AsyncWaiters
  readonly tokens: number[] = []
  /** What each waiter was told, by name. */
  readonly told: Record<string, (Resumption | 'started')[]> = {}
  /** What became of each wait, in the order in which they ended: a token, what the slow path said, or what the wait rejected with. */
  readonly ends: [name: string, end: unknown][] = []
  /** What the doorbell was told to hold. */
  readonly holds: boolean[] = []
  #ring = () => {}

  /** To be made before each test, with nothing else that waits for timers. */
  constructor() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    this.waiters = new AsyncWaiters(
      (onRing) => {
        this.#ring = onRing
        const hold = (pending: boolean) => void this.holds.push(pending)
        return { hold, close: () => hold(false) }
      },
      () => performance.now(),
    )
  }

  /** Waits for a token. */
  wait(name: string, { timeout = Number.POSITIVE_INFINITY, signal, tick = 0, on = this.line }: WaitOptions = {}): void {
    const end = (result: unknown) => void this.ends.push([name, result])
    this.waiters.run(on, this.#take(name, tick), performance.now() + timeout, signal).then(end, end)
  }

  /** Gives tokens, and rings. */
  async give(...tokens: number[]): Promise<void> {
    this.tokens.push(...tokens)
    this.#ring()
    await vi.advanceTimersByTimeAsync(0)
  }

  /** What is left behind when all waits have ended: there must be nothing. */
  close(): { pending: number; timers: number; holds: boolean } {
    const left = { pending: this.waiters.pending, timers: vi.getTimerCount(), holds: this.holds.at(-1) ?? false }
    vi.useRealTimers()
    return left
  }

  *#take(name: string, tick: number): Suspending<number | string> {
    const told: (Resumption | 'started')[] = ['started']
    this.told[name] = told
    for (;;) {
      if (told.at(-1) === 'aborted') return 'nobody sees this'
      const token = this.tokens.shift()
      if (token !== undefined) return token
      if (told.at(-1) === 'expired') return 'too late'
      told.push(yield { words, at: 0, ticket: 0, tick })
    }
  }
}
