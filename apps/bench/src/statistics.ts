/** The middle of some figures: unmoved by the few that a busy machine spoils. */
export function median(figures: readonly number[]): number {
  const sorted = Float64Array.from(figures).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) throw new RangeError('the median of no figures')
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/**
 * How many times `figures` is `of`, as the median over rounds: what slowed the machine down in one round slowed both, and cancels out. Where one has fewer
 * rounds, the rest of the other's is left out.
 */
export function ratio(figures: readonly number[], of: readonly number[]): number {
  const rounds = Math.min(figures.length, of.length)
  return median(Array.from({ length: rounds }, (_, round) => (figures[round] as number) / (of[round] as number)))
}

/** The median difference, round by round. @see ratio */
export function difference(figures: readonly number[], from: readonly number[]): number {
  const rounds = Math.min(figures.length, from.length)
  return median(Array.from({ length: rounds }, (_, round) => (figures[round] as number) - (from[round] as number)))
}
