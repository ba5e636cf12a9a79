import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { ResourceError, TooLargeError } from '@multiproc/core'

/** What the system says where something has run out. */
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOSPC'])

export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

/**
 * Gets something of the operating system's.
 * @param what in the message
 * @throws ResourceError where it has run out; TooLargeError where the system takes no argument of that size
 */
export function obtain<T>(what: string, get: () => T): T {
  try {
    return get()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'E2BIG') {
      const message = `no system hands so much to ${what}: its environment or flags are too large. Send large data as arguments`
      throw new TooLargeError(message, { cause: error })
    }
    if (!isExhausted(error)) throw error
    throw new ResourceError(`no more room for ${what}: ${(error as Error).message}`, { cause: error })
  }
}

/** Throws as the system would if `count` descriptors are not to be had. */
export function assertDescriptors(count: number): void {
  const opened: number[] = []
  try {
    while (opened.length < count) opened.push(openSync(devNull, 'r'))
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}
