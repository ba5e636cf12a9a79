import type { Context } from '@multiproc/core'
import { collectGarbage } from '../support/garbage.js'
import { mappedSegments, openDescriptors, zombies } from '../support/os-processes.js'
import { type RoundReport, runRound } from './round.js'

/** Kills a round; after each everything is accounted for, so that what is lost is noticed soon. */
const ROUND = 250
const ROUND_OF_FEW = 20
/** ms for garbage to be collected. */
const SETTLED_WITHIN = 10_000

export interface SoakOptions {
  readonly kills: number
  readonly seed: number
  /** ms after which no further round begins; default: never. */
  readonly enough?: number
  /** Factor of all limits; default 1. */
  readonly patience?: number
  /** Told after each round, with all so far. */
  readonly onRound?: (soFar: SoakReport) => void
}

export interface SoakReport {
  readonly kills: number
  /** What the victims were doing. */
  readonly victims: Readonly<Record<string, number>>
  /** Items put, and of these lost in the hands of a dead consumer. */
  readonly items: number
  readonly taken: number
  /** ms from the kill of a lock's holder, or from when somebody waited for the lock, to when that one got it; from the shortest up. */
  readonly recoveries: readonly number[]
  /** Whatever must not be. Empty: all is well. */
  readonly problems: readonly string[]
}

/** Kills processes that share locks, queues and numbers, at random moments, as often as asked; stops at the first problem. */
export async function soak(create: () => Context, options: SoakOptions): Promise<SoakReport> {
  await warmUp(create())
  const before = look()
  const report = await soakContext(create(), options)
  if (report.problems.length > 0) return report
  const limit = SETTLED_WITHIN * (options.patience ?? 1)
  return { ...report, problems: await eventually(limit, () => differences(before, look())) }
}

/** What a program that starts processes has from then on is not what it leaves behind. */
async function warmUp(mp: Context): Promise<void> {
  await new mp.Process({ target: () => {} }).start().join()
  await mp.close()
}

async function soakContext(
  mp: Context,
  { kills, seed, enough = Number.POSITIVE_INFINITY, patience = 1, onRound }: SoakOptions,
): Promise<SoakReport> {
  const end = performance.now() + enough
  const most = enough < Number.POSITIVE_INFINITY ? ROUND_OF_FEW : ROUND
  let report: SoakReport = { kills: 0, victims: {}, items: 0, taken: 0, recoveries: [], problems: [] }
  for (let round = 0; report.kills < kills && report.problems.length === 0 && performance.now() < end; round++) {
    report = add(report, await runRound(mp, Math.min(most, kills - report.kills), seed + round * 7_919, patience))
    const left = report.problems.length > 0 ? [] : await remains(mp, patience)
    report = { ...report, problems: [...report.problems, ...left] }
    onRound?.(report)
  }
  await mp.close()
  return report
}

/** What this process has of the system's. */
function look() {
  return { descriptors: openDescriptors(), zombies: zombies().length, segments: mappedSegments() }
}

function differences(before: ReturnType<typeof look>, after: ReturnType<typeof look>): string[] {
  const more = (Object.keys(before) as (keyof typeof before)[]).filter((what) => after[what] > before[what])
  return more.map((what) => `${after[what]} ${what} when all is over; ${before[what]} before`)
}

/** What a round has left in the family's memory. */
function remains(mp: Context, patience: number): Promise<string[]> {
  return eventually(SETTLED_WITHIN * patience, () => {
    const { agents, waits, blocks, bytes } = mp.usage()
    const left = { 'agents beside this one': agents - 1, waits, blocks, bytes, 'children that run': mp.activeChildren().length }
    return Object.entries(left)
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `after a round there are ${count} ${what}`)
  })
}

/** What is left once nothing changes for the better any more: objects go with the collector. */
async function eventually(limit: number, find: () => string[]): Promise<string[]> {
  const deadline = performance.now() + limit
  for (;;) {
    collectGarbage()
    const found = find()
    if (found.length === 0 || performance.now() > deadline) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function add(all: SoakReport, round: RoundReport): SoakReport {
  const victims: Record<string, number> = { ...all.victims }
  for (const [doing, count] of Object.entries(round.victims)) victims[doing] = (victims[doing] ?? 0) + count
  return {
    kills: all.kills + round.kills,
    victims,
    items: all.items + round.items,
    taken: all.taken + round.taken,
    recoveries: [...all.recoveries, ...round.recoveries].sort((a, b) => a - b),
    problems: round.problems,
  }
}

/** The value that this part of all does not exceed; 0 of none. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}
