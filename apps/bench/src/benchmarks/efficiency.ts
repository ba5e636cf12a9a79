import type { Benchmark, Contender, Scale } from '../benchmark.js'
import { isPeer, ours, peers } from '../peers/index.js'
import { reference } from '../peers/multiproc.js'
import type { Peer } from '../peers/peer.js'
import { withinOfBest } from '../targets.js'
import { msOf, sampled } from '../timing.js'
import work from '../workers/work.cjs'

const TASKS = 64
const TASK_MS = 15
const WORKERS = 2
/** A second and a half each: more of them would take longer than they are worth. */
const MOST_SAMPLES = 3

/**
 * Serial time ÷ (workers × wall time), 1 being perfect. Both are measured in turn in the same process, because a machine's speed drifts by more than what
 * sets good pools apart.
 */
async function measure(scale: Scale, runAll: (turns: readonly number[]) => Promise<readonly number[]>): Promise<number[]> {
  const tasks = Math.max(WORKERS, Math.round(TASKS * scale.work))
  const turns = Array<number>(tasks).fill(turnsOf(TASK_MS))
  return sampled({ ...scale, samples: Math.min(scale.samples, MOST_SAMPLES) }, async () => {
    let serially: number[] = []
    let inParallel: readonly number[] = []
    const serial = await msOf(() => {
      serially = turns.map((count) => work.burn(count))
    })
    const parallel = await msOf(async () => {
      inParallel = await runAll(turns)
    })
    if (inParallel.length !== tasks || inParallel.some((word, n) => word !== serially[n])) throw new Error('results differ')
    return serial / (WORKERS * parallel)
  })
}

/** How many turns of `burn` take so many ms here. */
function turnsOf(ms: number): number {
  const turns = 4_000_000
  work.burn(turns)
  const start = performance.now()
  work.burn(turns)
  return Math.round((turns / (performance.now() - start)) * ms)
}

function mapped(chunksize?: number): Contender {
  return async (scale) => {
    const { Pool } = await import('@multiproc/backend-threads')
    const pool = new Pool(WORKERS)
    const figures = await measure(scale, (turns) => pool.map<number, number>(reference('burn'), turns, { chunksize }))
    await pool.terminate()
    return figures
  }
}

function called(peer: Peer): Contender {
  return async (scale) => {
    const pool = await peer.open(WORKERS)
    const figures = await measure(scale, (turns) => Promise.all(turns.map((count) => pool.call('burn', count))))
    await pool.close()
    return figures
  }
}

const OURS = 'pool.map'

export const efficiency: Benchmark = {
  name: 'efficiency',
  title: '64 tasks of about 15 ms of pure CPU work, 2 workers',
  measures: 'Serial time ÷ (workers × wall time); 1 would be perfect.',
  unit: 'efficiency',
  better: 'higher',
  ours: OURS,
  contenders: {
    [OURS]: mapped(),
    'pool.map, chunksize 1': mapped(1),
    'pool.apply, 64 at once': called(ours),
    ...Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, called(peer)])),
  },
  targets: [withinOfBest(OURS, 0.02, isPeer)],
}
