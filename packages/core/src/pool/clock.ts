/** What `performance.now()` lacks to a clock that all threads and processes of this machine read alike. */
const offset = (() => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6 - performance.now()
})()

/** ms on a monotonic clock that all agents share. */
export function sharedNow(): number {
  return offset + performance.now()
}

/** The same for things that are done in bursts: a moment of the running task, at most some {@link READS} readings old. */
export class BurstClock {
  #moment = 0
  #left = 0
  readonly #forget = () => {
    this.#left = 0
  }

  now(): number {
    if (this.#left > 0) {
      this.#left--
      return this.#moment
    }
    queueMicrotask(this.#forget)
    this.#left = READS
    this.#moment = sharedNow()
    return this.#moment
  }
}

const READS = 32
