import { SHARE_ENV } from 'node:worker_threads'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The environment of a worker.
 * @param own the engine's option
 * @param laid over it, `undefined` removes a variable
 */
export function environment(own: Variables | typeof SHARE_ENV | undefined, laid: Variables | undefined) {
  if (own === SHARE_ENV && laid === undefined) return SHARE_ENV
  const whole = { ...(own === undefined || own === SHARE_ENV ? process.env : own), ...laid }
  // A worker would get the text `undefined`.
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as Record<string, string>
}
