/** ms that what nobody waits for goes on where its pool has nothing else under way. */
const PATIENCE_MS = 1000
/** ms that an initializer may have the thread of its worker after that: it may be slow, and calls may come again. */
const INITIALIZER_PATIENCE_MS = 5000

/** Whose leftovers they are. */
export interface LeavingPool {
  /** Whether the engine has jobs of the pool's, and nobody waits for any. */
  readonly hasLeftovers: boolean
  /** Ends the workers that run some. @returns whether others may wait for an initializer that does not hear that they are to make way */
  endRunning(): boolean
  endInitializers(): void
}

/**
 * An engine keeps the program from ending for as long as a worker has a task, whoever waits for it, and shows nobody what it does that by. So what was abandoned ends with its worker when
 * the pool has had nothing else for some time.
 */
export class Leftovers {
  readonly #pool: LeavingPool
  #timer: NodeJS.Timeout | undefined

  constructor(pool: LeavingPool) {
    this.#pool = pool
  }

  /** Something has come back. */
  look(): void {
    if (!this.#pool.hasLeftovers) this.close()
    else this.#timer ??= this.#after(PATIENCE_MS, () => this.#end())
  }

  /** Something was abandoned. */
  lookAnew(): void {
    this.close()
    this.look()
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #end(): void {
    if (this.#pool.endRunning()) this.#timer = this.#after(INITIALIZER_PATIENCE_MS, () => this.#pool.endInitializers())
  }

  /** Where the program is held by what is left, the timer fires; it need not hold it as well. */
  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#pool.hasLeftovers) act()
    }, ms)
    return timer.unref()
  }
}
