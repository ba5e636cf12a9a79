import { availableParallelism, loadavg } from 'node:os'

/** A machine busier than this is no place for tests. */
const BUSIEST = 10

/** How many times longer everything takes here, where others want the processors too, than on a machine of one's own. */
function crowding(): number {
  const [lastMinute = 0] = loadavg()
  return Math.min(Math.max(lastMinute / availableParallelism(), 1), BUSIEST)
}

/** How long something has taken so far, against its limit. The limit is that of a machine with nothing else to do; whether it is over depends on how busy this one is. */
export class Limit {
  readonly #start = performance.now()
  readonly #ms: number

  constructor(ms: number) {
    this.#ms = ms
  }

  /** The longest that {@link isOver} may take to say so. */
  static most(ms: number): number {
    return ms * BUSIEST
  }

  get isOver(): boolean {
    return this.left < 0
  }

  /** ms, as far as can be told now. */
  get left(): number {
    return this.#start + this.#ms * crowding() - performance.now()
  }

  /** Has `late` called when it is over; returns how to keep it from that. */
  onOver(late: () => void): () => void {
    let timer: NodeJS.Timeout
    const look = () => {
      const { left } = this
      if (left < 0) late()
      else timer = setTimeout(look, left + 1)
    }
    look()
    return () => clearTimeout(timer)
  }

  /** For the error: how long that was in the end. */
  toString(): string {
    return `${Math.round(performance.now() - this.#start)} ms`
  }
}

/**
 * What `promise` gives, or an error after `limit` ms: so that a hang is told by what hangs.
 * @param what continues "… did not happen within n ms"
 */
export async function inTime<T>(promise: Promise<T>, limit: number, what: string): Promise<T> {
  const time = new Limit(limit)
  let stop = () => {}
  const late = new Promise<never>((_, reject) => {
    stop = time.onOver(() => reject(tooLate(what, time)))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    stop()
  }
}

/** Resolves once `condition` holds, which others change; looks at it between turns of the event loop. An error after `limit` ms. */
export async function until(condition: () => boolean, limit: number, what: string): Promise<void> {
  const time = new Limit(limit)
  while (!condition()) {
    if (time.isOver) throw tooLate(what, time)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Gives everything that is ready to run in this agent the chance to do so: to show that something does *not* happen. */
export async function turns(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
}

function tooLate(what: string, time: Limit): Error {
  return new Error(`${what} did not happen within ${time}`)
}
