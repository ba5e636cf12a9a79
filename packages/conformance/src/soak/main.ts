/** `npm run soak`: kills for as long as asked, and says how it went. Exit code 1 where something was wrong. */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createContext } from '@multiproc/core'
import { importBackend } from '../programs/backend.js'
import { percentile, type SoakReport, soak } from './soak.js'

const HELP = `Usage: npm run soak -- [--kills N] [--seed S] [--backend NAME] [--patience F]

Four processes share two locks, a bounded and an unbounded queue and numbers under the locks. They are killed (SIGKILL) at
random moments and replaced at once. Whatever gets lost, doubled, reordered, stuck or left behind is reported.

  --kills N       how many kills (1000)
  --seed S        chooses victims, moments and what they do (1)
  --backend NAME  which of @multiproc/backend-NAME (fork); its agents must be processes
  --patience F    factor of all limits, for slow machines (1)`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'fork' },
    patience: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(HELP)
else await main()

async function main(): Promise<void> {
  process.env.CONFORMANCE_BACKEND = `@multiproc/backend-${values.backend}`
  const { backend } = await importBackend()
  if (backend.capabilities.isolation !== 'process')
    throw new Error(`--backend ${backend.name}: its agents are threads, which no signal can kill`)
  // What nobody refers to any more goes with the collector, and it is the collector's absence of mind that would look like a leak.
  setFlagsFromString('--expose-gc')
  Object.assign(globalThis, { gc: runInNewContext('gc') })
  const [kills, seed, patience] = [numberOf('kills'), numberOf('seed'), numberOf('patience')]
  const start = performance.now()
  console.log(`${backend.name}: ${kills} kills, seed ${seed}`)
  const report = await soak(() => createContext(backend), {
    kills,
    seed,
    patience,
    onRound: (soFar) => console.log(line(soFar, start)),
  })
  console.log(
    `died while: ${Object.entries(report.victims)
      .map(([doing, count]) => `${doing} ${count}`)
      .join(', ')}`,
  )
  for (const problem of report.problems) console.error(`PROBLEM (seed ${seed}): ${problem}`)
  console.log(report.problems.length === 0 ? 'nothing hung, doubled, lost, reordered or left behind' : 'failed')
  process.exit(report.problems.length === 0 ? 0 : 1)
}

function line({ kills, items, taken, recoveries }: SoakReport, start: number): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => percentile(recoveries, part).toFixed(1))
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  return `${seconds} s: ${kills} kills, ${items} items (${taken} died with their consumer), ${recoveries.length} locks recovered in p50 ${p50}, p99 ${p99}, at most ${most} ms`
}

function numberOf(name: 'kills' | 'seed' | 'patience'): number {
  const value = Number(values[name])
  if (!(value > 0)) throw new TypeError(`--${name} must be a number above 0; got ${values[name]}`)
  return value
}
