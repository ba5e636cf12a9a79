/** Nobody will await it: what it rejects with is no unhandled rejection, which would end the program. */
export function abandon(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).catch(() => {})
}

/** Whether a value is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
