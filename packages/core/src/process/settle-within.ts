import { onAbort } from '../sync/async-waiters.js'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Waits for a local promise as for anything shared.
 * @param deadline on `performance.now()`'s clock, ms
 * @param late the error when time has run out
 */
export function settleWithin<T>(
  promise: Promise<T>,
  deadline: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<T> {
  if (deadline === Number.POSITIVE_INFINITY && !signal) return promise
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const unlisten = signal && onAbort(signal, () => settle(() => reject(signal.reason)))
    const settle = (how: () => void) => {
      clearTimeout(timer)
      unlisten?.()
      how()
    }
    const arm = () => {
      const left = deadline - performance.now()
      if (left <= 0) return settle(() => reject(late()))
      timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST_TIMER_MS))
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
    if (deadline < Number.POSITIVE_INFINITY) {
      // Even with no time left, what is settled already counts.
      timer = setTimeout(arm, Math.min(Math.max(0, Math.ceil(deadline - performance.now())), LONGEST_TIMER_MS))
    }
  })
}
