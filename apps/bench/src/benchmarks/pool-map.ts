import type { Benchmark, Contender, Scale } from '../benchmark.js'
import { isPeer, peers } from '../peers/index.js'
import { reference } from '../peers/multiproc.js'
import type { Peer } from '../peers/peer.js'
import { moreThanEach } from '../targets.js'
import { msOf, sampled } from '../timing.js'

const ITEMS = 1_000_000
const WORKERS = 2
/** Small enough to spread well, and one for each worker four times: what people choose. */
const HAND_CHUNKS = [1_000, 125_000]

/** Items a second of a function that maps numbers to their doubles. */
async function measure(scale: Scale, map: (numbers: readonly number[]) => Promise<readonly number[]>): Promise<number[]> {
  const numbers = Array.from({ length: Math.round(ITEMS * scale.work) }, (_, n) => n)
  const last = numbers.length - 1
  return sampled(scale, async () => {
    let doubles: readonly number[] = []
    const ms = await msOf(async () => {
      doubles = await map(numbers)
    })
    if (doubles.length !== numbers.length || doubles[last] !== last * 2) throw new Error('the map gave wrong results')
    return (numbers.length / ms) * 1000
  })
}

function ours(chunksize?: number): Contender {
  return async (scale) => {
    const { Pool } = await import('@multiproc/backend-threads')
    const pool = new Pool(WORKERS)
    const figures = await measure(scale, (numbers) => pool.map<number, number>(reference('double'), numbers, { chunksize }))
    await pool.terminate()
    return figures
  }
}

async function oursSync(scale: Scale): Promise<number[]> {
  const { Pool } = await import('@multiproc/backend-threads')
  const pool = new Pool(WORKERS)
  const figures = await measure(scale, async (numbers) => pool.mapSync<number, number>(reference('double'), numbers))
  await pool.terminate()
  return figures
}

function byHand(peer: Peer, chunk: number): Contender {
  return async (scale) => {
    const pool = await peer.open(WORKERS)
    const figures = await measure(scale, async (numbers) => {
      const chunks: Promise<number[]>[] = []
      for (let from = 0; from < numbers.length; from += chunk) {
        chunks.push(pool.call('doubleAll', numbers.slice(from, from + chunk)))
      }
      return (await Promise.all(chunks)).flat()
    })
    await pool.close()
    return figures
  }
}

const OURS = 'pool.map'

export const poolMap: Benchmark = {
  name: 'pool-map',
  title: 'Map over 1,000,000 numbers, 2 workers',
  measures: 'Items a second through a function that doubles a number: ours as it comes, the others by chunks cut by hand.',
  unit: '/s',
  better: 'higher',
  ours: OURS,
  contenders: {
    [OURS]: ours(),
    'pool.mapSync': oursSync,
    'pool.map, chunksize 1,000': ours(1_000),
    ...Object.fromEntries(
      Object.entries(peers).flatMap(([name, peer]) =>
        HAND_CHUNKS.map((chunk) => [`${name}, ${chunk.toLocaleString('en-US')}`, byHand(peer, chunk)]),
      ),
    ),
  },
  targets: [moreThanEach(OURS, isPeer)],
}
