import { checkOptions } from '@multiproc/core'

/**
 * The options that were given. One that is `undefined` was not, though laid over a default it would hide it.
 * @param what names them in messages
 * @throws TypeError where they are no object
 */
export function givenOptions<O extends object>(options: O | undefined, what: string): O {
  const given = Object.entries(checkOptions(options, what) ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as O
}
