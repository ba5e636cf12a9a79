import { onAbort } from './on-abort.js'
import { delayUntil } from './timer.js'

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
  if (signal?.aborted) {
    promise.catch(() => {})
    return Promise.reject(signal.reason)
  }
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const unlisten = signal && onAbort(signal, () => settle(() => reject(signal.reason)))
    const settle = (how: () => void) => {
      clearTimeout(timer)
      unlisten?.()
      how()
    }
    const arm = () => {
      const now = performance.now()
      if (now >= deadline) return settle(() => reject(late()))
      timer = setTimeout(arm, delayUntil(deadline, now))
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
    if (deadline < Number.POSITIVE_INFINITY) {
      // Even with no time left, what is settled already counts.
      timer = setTimeout(arm, delayUntil(deadline, performance.now()))
    }
  })
}
