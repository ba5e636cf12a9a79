import { NotCloneableError } from '../errors.js'

/** The same error, about another path: that which the user knows. */
export function relocated(error: unknown, rebase: (path: string) => string): unknown {
  if (!(error instanceof NotCloneableError)) return error
  return new NotCloneableError(
    rebase(error.message),
    rebase(error.path),
    error.cause === undefined ? undefined : { cause: error.cause },
  )
}
