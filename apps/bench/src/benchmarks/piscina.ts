import type { Benchmark, Contender, Scale } from '../benchmark.js'
import {
  barePiscina,
  bareTinypool,
  type Engine,
  type Load,
  onPiscina,
  onSleepingPiscina,
  onTinypool,
  oursOn,
} from '../peers/engines.js'
import { reference } from '../peers/multiproc.js'
import { median } from '../statistics.js'
import { atMostMore, atMostTimes, moreThanEach } from '../targets.js'
import { msOf, sampled } from '../timing.js'

/** What our API costs on the engines that it runs on: bare, and under it. */

const WORKERS = 2
const IN_TURN = 2_000
const AT_ONCE = 100_000
const ITEMS = 1_000_000
const HAND_CHUNK = 1_000

/** What is said of the engines. */
const BARE = 'piscina'
const BARE_ASYNC = 'piscina, atomics async'

const engines: Readonly<Record<string, Engine>> = {
  'pool.apply': oursOn(onPiscina),
  'pool.apply, atomics sync': oursOn(onSleepingPiscina),
  'pool.apply on tinypool': oursOn(onTinypool),
  [BARE]: barePiscina(),
  [BARE_ASYNC]: barePiscina({ atomics: 'async' }),
  tinypool: bareTinypool(),
  'tinypool, useAtomics false': bareTinypool({ useAtomics: false }),
}

/** µs a call, each awaited before the next. */
function inTurn(engine: Engine): Contender {
  return async (scale) => {
    const { call, close } = await engine('double', WORKERS)
    const count = Math.round(IN_TURN * scale.work)
    const figures = await sampled(scale, async () => {
      const trips: number[] = []
      for (let n = 0; n < count; n++) {
        const start = performance.now()
        if ((await call(n)) !== n * 2) throw new Error('a call gave a wrong result')
        trips.push((performance.now() - start) * 1000)
      }
      return median(trips)
    })
    await close()
    return figures
  }
}

/** µs a call, all made before the first is awaited. */
function atOnce(engine: Engine): Contender {
  return async (scale) => {
    const { call, close } = await engine('double', WORKERS)
    const count = Math.round(AT_ONCE * scale.work)
    const figures = await sampled(scale, async () => {
      let results: unknown[] = []
      const ms = await msOf(async () => {
        results = await Promise.all(Array.from({ length: count }, (_, n) => call(n)))
      })
      if (results.some((result, n) => result !== n * 2)) throw new Error('a call gave a wrong result')
      return (ms / count) * 1000
    })
    await close()
    return figures
  }
}

function each(measure: (engine: Engine) => Contender, label = ''): Record<string, Contender> {
  return Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name + label, measure(engine)]))
}

const ALL_AT_ONCE = ', all at once'

export const piscinaApply: Benchmark = {
  name: 'piscina-apply',
  title: 'A call on Piscina and Tinypool, bare and under multiproc, 2 workers',
  measures: `µs a call of a function that doubles a number: the median of ${IN_TURN.toLocaleString('en-US')} made in turn, and of ${AT_ONCE.toLocaleString('en-US')} made before the first is awaited the whole time by their number.`,
  unit: 'µs',
  better: 'lower',
  awake: true,
  ours: 'pool.apply',
  contenders: { ...each(inTurn), ...each(atOnce, ALL_AT_ONCE) },
  targets: ['', ALL_AT_ONCE].flatMap((label) => [
    atMostTimes(`pool.apply${label}`, 1.15, BARE + label),
    atMostTimes(`pool.apply${label}`, 1.15, BARE_ASYNC + label),
    atMostTimes(`pool.apply, atomics sync${label}`, 1.15, BARE + label),
    atMostTimes(`pool.apply on tinypool${label}`, 1.15, `tinypool, useAtomics false${label}`),
  ]),
}

/** Items a second of a function that maps numbers to their doubles. */
async function itemsPerSecond(scale: Scale, map: (numbers: readonly number[]) => Promise<readonly number[]>): Promise<number[]> {
  const numbers = Array.from({ length: Math.round(ITEMS * scale.work) }, (_, n) => n)
  return sampled(scale, async () => {
    let doubles: readonly number[] = []
    const ms = await msOf(async () => {
      doubles = await map(numbers)
    })
    if (doubles.length !== numbers.length || doubles.some((double, n) => double !== n * 2)) {
      throw new Error('the map gave wrong results')
    }
    return (numbers.length / ms) * 1000
  })
}

function mapped(load: Load): Contender {
  return async (scale) => {
    const { Pool } = await load()
    const pool = new Pool(WORKERS)
    const figures = await itemsPerSecond(scale, (numbers) => pool.map<number, number>(reference('double'), numbers))
    await pool.terminate()
    return figures
  }
}

function byHand(engine: Engine): Contender {
  return async (scale) => {
    const { call, close } = await engine('doubleAll', WORKERS)
    const figures = await itemsPerSecond(scale, async (numbers) => {
      const chunks: Promise<unknown>[] = []
      for (let from = 0; from < numbers.length; from += HAND_CHUNK) chunks.push(call(numbers.slice(from, from + HAND_CHUNK)))
      return ((await Promise.all(chunks)) as number[][]).flat()
    })
    await close()
    return figures
  }
}

const BY_HAND = `, chunks of ${HAND_CHUNK.toLocaleString('en-US')}`

export const piscinaMap: Benchmark = {
  name: 'piscina-map',
  title: 'Map over 1,000,000 numbers on Piscina and Tinypool, 2 workers',
  measures: 'Items a second through a function that doubles a number: ours as it comes, theirs by chunks of 1,000 cut by hand.',
  unit: '/s',
  better: 'higher',
  ours: 'pool.map',
  contenders: {
    'pool.map': mapped(onPiscina),
    'pool.map on tinypool': mapped(onTinypool),
    [BARE + BY_HAND]: byHand(barePiscina()),
    [BARE_ASYNC + BY_HAND]: byHand(barePiscina({ atomics: 'async' })),
    [`tinypool${BY_HAND}`]: byHand(bareTinypool()),
  },
  targets: ['pool.map', 'pool.map on tinypool'].map((name) => moreThanEach(name, (contender) => contender.endsWith(BY_HAND))),
}

/** Loading the library is part of it: a script that uses it once pays for both. */
function firstResult(engine: Engine): Contender {
  return async () => {
    const start = performance.now()
    const { call, close } = await engine('double', WORKERS)
    const result = await call(21)
    const ms = performance.now() - start
    if (result !== 42) throw new Error('the call gave a wrong result')
    await close()
    return [ms]
  }
}

export const piscinaStart: Benchmark = {
  name: 'piscina-start',
  title: 'First result of a fresh pool of 2 on Piscina and Tinypool',
  measures: 'ms from the import of the library to the first result.',
  unit: 'ms',
  better: 'lower',
  ours: 'pool.apply',
  contenders: each(firstResult),
  targets: [atMostMore('pool.apply', 10, BARE), atMostMore('pool.apply on tinypool', 10, 'tinypool')],
}
