import { SHARE_ENV } from 'node:worker_threads'
import { childEnvironment } from '@multiproc/core'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The environment of a worker.
 * @param own the engine's option
 * @param laid over it, `undefined` removes a variable
 */
export function environment(own: Variables | typeof SHARE_ENV | undefined, laid: Variables | undefined) {
  if (own === SHARE_ENV && laid === undefined) return SHARE_ENV
  return childEnvironment(own === undefined || own === SHARE_ENV ? process.env : own, laid)
}

/** The same options where they can be sent to a worker: an environment that is shared is there already. */
export function withoutSharedEnvironment<O extends { readonly env?: unknown }>(options: O): O {
  const { env, ...rest } = options
  return typeof env === 'object' ? options : (rest as O)
}
