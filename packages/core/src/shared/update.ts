import { shown } from '../options.js'
import { abandon, isThenable } from '../thenable.js'

/** @throws TypeError where what is to make a new value is no function, before anything is locked */
export function checkUpdate(fn: unknown): void {
  if (typeof fn !== 'function') throw new TypeError(`update() takes a function that makes the new value; got ${shown(fn)}`)
}

/**
 * The result of a function that was to make a new value.
 * @throws TypeError for a promise: others are blocked until the value is there
 */
export function settledNow<T>(value: T): T {
  if (!isThenable(value)) return value
  abandon(value)
  throw new TypeError(
    'the function given to update() returned a promise. It must make the value at once, for everyone else is blocked meanwhile. Await what it needs before update()',
  )
}
