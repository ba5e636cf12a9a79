import { type Compiled, compile, type Edit } from './compile.js'
import { type Exploration, explore, exploreAtRandom } from './explore.js'
import type { Case } from './scenarios/catalog.js'

/** How much longer than in a usual run of the tests to search: `EXPLORER_SOAK`; 0: as usual. */
export const SOAK = Number(process.env.EXPLORER_SOAK ?? 0)

/** Of the generator that draws schedules, so that a run of the tests says the same as the one before; a soak draws others. */
const SEED = SOAK === 0 ? 1 : Date.now() & 0x7fffffff

/** What of a case is explored, in words. */
export function extentOf({ random, limits }: Case): string {
  if (random !== undefined) return `${schedules(random)} schedules at random`
  const { preemptions } = limits ?? {}
  return preemptions === undefined
    ? 'all schedules'
    : `all schedules with up to ${preemptions} preemption${preemptions === 1 ? '' : 's'}`
}

/** Explores a case as far as it says, or further in a soak. @param faults changes of the source, besides those that the case has itself */
export async function examine(
  { scenario, edits = [], limits, random }: Case,
  faults: readonly Edit[] = [],
): Promise<Exploration> {
  const compiled = await compiledWith([...edits, ...faults])
  return random === undefined ? explore(compiled, scenario, limits) : exploreAtRandom(compiled, scenario, schedules(random), SEED)
}

const schedules = (random: number): number => random * Math.max(1, SOAK)

const known = new Map<string, Promise<Compiled>>()
function compiledWith(edits: readonly Edit[]): Promise<Compiled> {
  const key = JSON.stringify(edits)
  const compiled = known.get(key) ?? compile(edits)
  known.set(key, compiled)
  return compiled
}
