import type { Outcome, Result, Target, Verdict } from './benchmark.js'
import { difference, median, ratio } from './statistics.js'
import { shown } from './units.js'

/** At most so many times what a reference takes. */
export function atMostTimes(contender: string, times: number, reference: string): Target {
  return compare(`${contender} ≤ ${times} × ${reference}`, contender, reference, (ours, theirs) => {
    const reached = ratio(ours, theirs)
    return { reached: `${reached.toFixed(2)} ×`, met: reached <= times }
  })
}

/** At least so many times what a reference does. */
export function atLeastTimes(contender: string, times: number, reference: string): Target {
  return compare(`${contender} ≥ ${times} × ${reference}`, contender, reference, (ours, theirs) => {
    const reached = ratio(ours, theirs)
    return { reached: `${reached.toFixed(2)} ×`, met: reached >= times }
  })
}

/** At most so much more than a reference, in the benchmark's unit. */
export function atMostMore(contender: string, slack: number, reference: string): Target {
  return {
    says: `${contender} ≤ ${reference} + ${slack.toLocaleString('en-US')}`,
    judge({ benchmark, results }) {
      const ours = roundsOf(results.get(contender))
      const theirs = roundsOf(results.get(reference))
      if (!ours || !theirs) return undefined
      const reached = difference(ours, theirs)
      return { reached: `${reached < 0 ? '−' : '+'}${shown(Math.abs(reached), benchmark.unit)}`, met: reached <= slack }
    },
  }
}

/** At least a figure of its own. */
export function atLeast(contender: string, figure: number): Target {
  return {
    says: `${contender} ≥ ${figure.toLocaleString('en-US')}`,
    judge({ benchmark, results }) {
      const ours = roundsOf(results.get(contender))
      if (!ours) return undefined
      const reached = median(ours)
      return { reached: shown(reached, benchmark.unit), met: reached >= figure }
    },
  }
}

/** At most a figure of its own. */
export function atMost(contender: string, figure: number): Target {
  return {
    says: `${contender} ≤ ${figure.toLocaleString('en-US')}`,
    judge({ benchmark, results }) {
      const ours = roundsOf(results.get(contender))
      if (!ours) return undefined
      const reached = median(ours)
      return { reached: shown(reached, benchmark.unit), met: reached <= figure }
    },
  }
}

/** More than each of the others named by `isPeer`. */
export function moreThanEach(contender: string, isPeer: (contender: string) => boolean): Target {
  return {
    says: `${contender} > every peer`,
    judge(outcome) {
      return againstBest(outcome, contender, isPeer, (ours, best, name) => {
        const reached = ratio(ours, best)
        return { reached: `${reached.toFixed(2)} × the best, ${name}`, met: reached > 1 }
      })
    },
  }
}

/** Not further behind the best of the others than `slack`. */
export function withinOfBest(contender: string, slack: number, isPeer: (contender: string) => boolean): Target {
  return {
    says: `${contender} ≥ the best peer − ${slack}`,
    judge(outcome) {
      return againstBest(outcome, contender, isPeer, (ours, best, name) => {
        const reached = difference(ours, best)
        return {
          reached: `${reached < 0 ? '−' : '+'}${Math.abs(reached).toFixed(3)} to the best, ${name}`,
          met: reached >= -slack,
        }
      })
    },
  }
}

function compare(
  says: string,
  contender: string,
  reference: string,
  judge: (ours: readonly number[], theirs: readonly number[]) => Verdict,
): Target {
  return {
    says,
    judge({ results }) {
      const ours = roundsOf(results.get(contender))
      const theirs = roundsOf(results.get(reference))
      return ours && theirs ? judge(ours, theirs) : undefined
    },
  }
}

function againstBest(
  { results }: Outcome,
  contender: string,
  isPeer: (contender: string) => boolean,
  judge: (ours: readonly number[], best: readonly number[], name: string) => Verdict,
): Verdict | undefined {
  const ours = roundsOf(results.get(contender))
  let best: { name: string; rounds: readonly number[] } | undefined
  for (const [name, result] of results) {
    const rounds = isPeer(name) ? roundsOf(result) : undefined
    if (rounds && (!best || median(rounds) > median(best.rounds))) best = { name, rounds }
  }
  return ours && best ? judge(ours, best.rounds, best.name) : undefined
}

function roundsOf(result: Result | undefined): readonly number[] | undefined {
  return result && 'rounds' in result ? result.rounds : undefined
}
