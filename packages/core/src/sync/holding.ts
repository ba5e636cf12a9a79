import type { Guard } from '../contracts/lock.js'
import { shown } from '../options.js'

/** Runs `fn` once the guard is there, and gives it back when what `fn` returned has settled. */
export async function holding<T>(acquired: Promise<Guard>, fn: () => T | PromiseLike<T>): Promise<T> {
  const guard = await acquired
  try {
    return await fn()
  } finally {
    guard.release()
  }
}

/** Runs `fn` and gives the guard back. */
export function holdingSync<T>(guard: Guard, fn: () => T): T {
  try {
    return fn()
  } finally {
    guard.release()
  }
}

/** @throws TypeError where `fn` is no function, before anything is taken */
export function checkFunction(fn: unknown, what: string): void {
  if (typeof fn !== 'function') throw new TypeError(`${what} takes a function; got ${shown(fn)}`)
}
