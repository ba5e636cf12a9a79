import { registerError, task } from '@multiproc/core'

/** Registered wherever this module is loaded: on both sides, then. */
export class QuotaError extends Error {
  readonly code = 'E_QUOTA'
  constructor(readonly limit: number) {
    super(`more than ${limit}`)
    this.name = 'QuotaError'
  }
  get doubled(): number {
    return this.limit * 2
  }
}
registerError(QuotaError)

export const exceed = task(import.meta, function exceed(limit: number): never {
  throw new QuotaError(limit)
})
