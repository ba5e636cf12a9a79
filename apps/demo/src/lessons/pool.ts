import { count } from '../format.js'
import type { Job } from '../job.js'

const numbers = Array.from({ length: 10_000 }, (_, n) => n)

/** A function that uses nothing of its surroundings can be given as it stands: its source travels to the workers. */
export const pool: Job = {
  name: 'pool',
  title: 'A Pool',
  about: `A Pool squares ${count(numbers.length)} numbers; the results come in the order of the numbers.`,
  unit: 'squares',
  untimed: true,

  async serially() {
    return outcome(numbers.map((n) => n * n))
  },

  async on(mp, { workers }, onProgress) {
    await using pool = new mp.Pool(workers)
    return outcome(await pool.map((n) => n * n, numbers, { onProgress }))
  },
}

function outcome(squares: readonly number[]) {
  return { result: squares, items: squares.length, summary: `${squares.slice(0, 5).join(', ')} … ${count(squares.at(-1) ?? 0)}` }
}
