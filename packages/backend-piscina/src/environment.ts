import { SHARE_ENV } from 'node:worker_threads'
import { childEnvironment, shown } from '@multiproc/core'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The environment of a worker.
 * @param own the engine's option
 * @param laid over it, `undefined` removes a variable
 * @throws TypeError for an option that is none, as Node itself where it starts an engine's worker
 */
export function environment(own: Variables | typeof SHARE_ENV | null | undefined, laid: Variables | undefined) {
  if (own === SHARE_ENV && laid === undefined) return SHARE_ENV
  if (own === undefined || own === null || own === SHARE_ENV) return childEnvironment(process.env, laid)
  if (typeof own !== 'object')
    throw new TypeError(`options.env must be an object, or SHARE_ENV of node:worker_threads; got ${shown(own)}`)
  return childEnvironment(own, laid)
}
