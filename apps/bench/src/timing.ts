import type { Scale } from './benchmark.js'

/** Runs of a loop before it is measured: V8 has optimised it by then, by on-stack replacement at first and by its next call. */
const WARM_UPS = 3

/**
 * ns per turn of a loop.
 * @param loop makes so many turns and returns what came of them, so that none can be optimised away
 * @param expected what that must be: a loop that does not do its work is not measured
 */
export function nsPerTurn(
  scale: Scale,
  turns: number,
  loop: (turns: number) => number,
  expected: (turns: number) => number,
): number[] {
  const count = Math.max(1000, Math.round(turns * scale.work))
  const run = () => {
    const start = performance.now()
    const outcome = loop(count)
    const ms = performance.now() - start
    if (outcome !== expected(count)) throw new Error(`the loop gave ${outcome}; expected ${expected(count)}`)
    return (ms / count) * 1e6
  }
  for (let n = 0; n < WARM_UPS; n++) run()
  return Array.from({ length: scale.samples }, run)
}

/** So many figures, one after the other, after some that are thrown away. */
export async function sampled(scale: Scale, measure: () => Promise<number> | number, warmUps = 1): Promise<number[]> {
  for (let n = 0; n < warmUps; n++) await measure()
  const figures: number[] = []
  for (let n = 0; n < scale.samples; n++) figures.push(await measure())
  return figures
}

/** ms that something takes. */
export async function msOf(action: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}
