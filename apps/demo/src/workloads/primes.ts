import { type Queue, task } from '@multiproc/core'
import { count } from '../format.js'
import type { Job, OnProgress, Outcome } from '../job.js'
import { joinAll } from '../join-all.js'
import { mapSerially } from '../serial.js'

const LIMIT = 5_000_000
const RANGES = 100

/** Numbers from `from`, below `to`. */
interface Range {
  readonly from: number
  readonly to: number
}

const ranges: readonly Range[] = Array.from({ length: RANGES }, (_, n) => ({
  from: (n * LIMIT) / RANGES,
  to: ((n + 1) * LIMIT) / RANGES,
}))

function isPrime(n: number): boolean {
  if (n < 4) return n > 1
  if (n % 2 === 0 || n % 3 === 0) return false
  for (let d = 5; d * d <= n; d += 6) if (n % d === 0 || n % (d + 2) === 0) return false
  return true
}

function countPrimes({ from, to }: Range): number {
  let primes = 0
  for (let n = from; n < to; n++) if (isPrime(n)) primes++
  return primes
}

/** Takes the next range as soon as it is done with one, so that nobody idles while there is work. */
const countFromQueue = task(import.meta, async function countFromQueue(todo: Queue<Range>, counts: Queue<number>) {
  for await (const range of todo) await counts.put(countPrimes(range))
})

/** A pool by hand: one queue of what is to be done, one of what came out, and as many processes as there are workers. */
export const primes: Job = {
  name: 'primes',
  title: 'Prime counting',
  about: `Counts the primes below ${count(LIMIT)}: processes take ranges from one Queue, put counts into another.`,
  unit: 'numbers',

  async serially(_, onProgress) {
    return outcome(await mapSerially(countPrimes, ranges, onProgress))
  },

  async on(mp, { workers }, onProgress) {
    const todo = new mp.Queue<Range>()
    const counts = new mp.Queue<number>()
    for (const range of ranges) await todo.put(range)
    todo.shutdown()
    const processes = Array.from({ length: workers }, () =>
      new mp.Process({ target: countFromQueue, args: [todo, counts] }).start(),
    )
    const [found] = await Promise.all([
      collect(counts, onProgress),
      // However they end, the loop over what they gave ends with them.
      joinAll(processes).finally(() => counts.shutdown()),
    ])
    return outcome(found)
  },
}

async function collect(counts: Queue<number>, onProgress: OnProgress): Promise<number[]> {
  const found: number[] = []
  for await (const n of counts) onProgress({ done: found.push(n), total: RANGES })
  return found
}

function outcome(found: readonly number[]): Outcome {
  const primes = found.reduce((a, b) => a + b, 0)
  return { result: primes, items: LIMIT, summary: `${count(primes)} primes below ${count(LIMIT)}` }
}
