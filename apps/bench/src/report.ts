import Table from 'cli-table3'
import type { Outcome, Result, Verdict } from './benchmark.js'
import { median, ratio } from './statistics.js'
import { shown } from './units.js'

/** One line of a table: what a contender reached. */
export interface Row {
  readonly contender: string
  readonly median: string
  /** Lowest to highest round. */
  readonly spread: string
  /** How many times ours it is: the figure of ours is the denominator. */
  readonly ratio: string
}

export interface Judgement {
  readonly says: string
  readonly verdict: Verdict | undefined
}

/** The contenders, best first. */
export function rowsOf({ benchmark, results }: Outcome): Row[] {
  const { unit, better } = benchmark
  const ours = results.get(benchmark.ours)
  const worst = better === 'lower' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  const standing = (result: Result) => ('failure' in result ? worst : median(result.rounds))
  const sorted = [...results].sort(([, a], [, b]) => {
    const [first, second] = [standing(a), standing(b)]
    if (first === second) return 0
    return first < second === (better === 'lower') ? -1 : 1
  })
  return sorted.map(([contender, result]) => {
    if ('failure' in result) return { contender, median: `– (${result.failure})`, spread: '', ratio: '' }
    const { rounds } = result
    return {
      contender,
      median: shown(median(rounds), unit),
      spread: `${shown(Math.min(...rounds), unit)} … ${shown(Math.max(...rounds), unit)}`,
      ratio: ours && 'rounds' in ours ? ratio(rounds, ours.rounds).toFixed(2) : '',
    }
  })
}

export function judgementsOf(outcome: Outcome): Judgement[] {
  return (outcome.benchmark.targets ?? []).map((target) => ({ says: target.says, verdict: target.judge(outcome) }))
}

/** Whether no target is missed. One that could not be judged, because somebody did not run, is not. */
export function allMet(outcomes: readonly Outcome[]): boolean {
  return outcomes.every((outcome) => judgementsOf(outcome).every(({ verdict }) => verdict?.met !== false))
}

/** For the terminal. */
export function asTables(outcome: Outcome): string {
  const { benchmark } = outcome
  const table = new Table({
    head: ['contender', 'median', 'lowest … highest', '÷ ours'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const row of rowsOf(outcome)) {
    const mark = row.contender === benchmark.ours ? '▸ ' : '  '
    table.push([mark + row.contender, row.median, row.spread, row.ratio])
  }
  const judgements = judgementsOf(outcome).map((judgement) => `  ${lineOf(judgement)}`)
  return [`${benchmark.name}: ${benchmark.title}`, benchmark.measures, table.toString(), ...judgements, ''].join('\n')
}

/** A target and what was reached, in one line. */
export function lineOf({ says, verdict }: Judgement): string {
  if (!verdict) return `– ${says}: not measured`
  return `${verdict.met ? '✔' : '✘'} ${says}: ${verdict.reached}`
}

/** For programs: every round's figure. */
export function asJson(outcomes: readonly Outcome[], rounds: number): string {
  const content = outcomes.map((outcome) => ({
    name: outcome.benchmark.name,
    title: outcome.benchmark.title,
    unit: outcome.benchmark.unit,
    better: outcome.benchmark.better,
    ours: outcome.benchmark.ours,
    results: Object.fromEntries(outcome.results),
    targets: judgementsOf(outcome).map(({ says, verdict }) => ({ says, ...verdict })),
  }))
  return JSON.stringify({ node: process.version, rounds, benchmarks: content }, undefined, 2)
}
