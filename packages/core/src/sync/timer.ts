/** `setTimeout` fires after 1 ms when asked for more than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * What to ask `setTimeout` for in order to be called at `deadline`, or earlier: whoever is called looks at the clock, and asks again where there is time left.
 * @param deadline and `now`: ms, on one clock
 */
export function delayUntil(deadline: number, now: number): number {
  return Math.min(Math.max(0, Math.ceil(deadline - now)), LONGEST_TIMER_MS)
}
