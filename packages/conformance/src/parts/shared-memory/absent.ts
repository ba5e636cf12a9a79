import { NotSupportedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrownAtOnce } from '../../support/thrown.js'

/** Where the backend has none. */
export function absentMemory(suite: Suite): void {
  suite.test(
    'where there is none, SharedMemory is a NotSupportedError that says what to do',
    ({ mp }) => {
      for (const options of [{ create: true, size: 10 }, { name: 'any' }]) {
        const error = thrownAtOnce(() => new mp.SharedMemory(options))
        expect(error).toMatchObject({ constructor: NotSupportedError, code: 'MP_NOT_SUPPORTED' })
        expect((error as Error).message).toContain('capabilities.namedMemory')
      }
      expect(thrownAtOnce(() => new mp.SharedMemory({ create: true, size: 'many' as never }))).toBeInstanceOf(TypeError)
    },
    { namedMemory: false },
  )
}
