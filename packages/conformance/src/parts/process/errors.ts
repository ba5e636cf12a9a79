import { registerError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { stderrDuring } from '../../support/stderr.js'
import {
  ConformanceError,
  type Failure,
  fail,
  type Survival,
  surviveError,
  throwNothing,
  throwOwnClass,
} from '../../workers/ending.js'

const FAILURES: readonly Failure[] = [
  'throws',
  'rejects',
  'throws after a while',
  'throws in a timer',
  'leaves a rejection unhandled',
]

/** Uncaught errors that the program listens for: how it ends, and with which error. */
const SURVIVALS: readonly (readonly [Survival, number, string | undefined])[] = [
  ['and then fails', 1, 'fatal'],
  ['and then returns', 0, undefined],
  ['and then exits', 3, undefined],
  ['but exits with 0', 0, undefined],
  ['but exits with 5', 5, 'survived'],
  ['of its own', 0, 'of the target'],
]

/** An uncaught error: exit code 1, and kept as it was thrown. */
export function errors(suite: Suite): void {
  for (const failure of FAILURES) {
    suite.test(`a target that ${failure}: exit code 1, join fulfils, error is what was thrown`, async ({ mp }) => {
      const error = Object.assign(new RangeError('of the target', { cause: new Error('why') }), { code: 'E_TARGET', extra: [1] })
      await stderrDuring(async () => {
        const one = new mp.Process({ target: fail, args: [failure, error] }).start()
        expect(await one.join()).toBe(1)
        expect([one.exitCode, one.isAlive()]).toEqual([1, false])
        expect(one.error).toBeInstanceOf(RangeError)
        expect(one.error).toMatchObject({ name: 'RangeError', message: 'of the target', code: 'E_TARGET', extra: [1] })
        expect((one.error as Error).cause).toMatchObject({ message: 'why' })
      })
    })
  }

  suite.test('what is no error is kept as it was thrown', async ({ mp }) => {
    await stderrDuring(async () => {
      const things = [null, 'text', '', 0, 5n, false, { plain: [1] }, [new Map([[1, 2]])]]
      const ends = things.map(async (thrown, n) => {
        const how = n % 2 === 0 ? 'throws' : 'throws in a timer'
        const one = new mp.Process({ target: fail, args: [how, thrown] }).start()
        expect(await one.join(), `${how} ${String(thrown)}`).toBe(1)
        expect(one.error).toEqual(thrown)
      })
      await Promise.all(ends)
      const nothing = new mp.Process({ target: throwNothing, args: ['undefined'] }).start()
      expect([await nothing.join(), nothing.error]).toEqual([1, undefined])
      const symbol = new mp.Process({ target: throwNothing, args: ['symbol'] }).start()
      expect([await symbol.join(), symbol.error]).toEqual([1, 'Symbol(odd)'])
    })
  })

  for (const [how, exitCode, message] of SURVIVALS) {
    suite.test(`a target that survives an uncaught error ${how}: only what ended it is its error`, async ({ mp }) => {
      await stderrDuring(async () => {
        const one = new mp.Process({ target: surviveError, args: [how] }).start()
        expect([await one.join(), (one.error as Error | undefined)?.message]).toEqual([exitCode, message])
      })
    })
  }

  suite.test('a custom class arrives as Error with its name, or as itself once registered', async ({ mp }) => {
    const run = async (registered: boolean) => {
      const one = new mp.Process({ target: throwOwnClass, args: [registered] }).start()
      expect(await one.join()).toBe(1)
      expect(one.error).toMatchObject({
        name: 'ConformanceError',
        message: 'of its own',
        code: 'E_CONFORMANCE',
        detail: { n: 5 },
      })
      expect((one.error as Error).cause).toMatchObject({ name: 'TypeError', message: 'the cause' })
      return one.error
    }
    await stderrDuring(async () => {
      expect(await run(false)).toBeInstanceOf(Error)
      registerError(ConformanceError)
      expect(await run(true)).toBeInstanceOf(ConformanceError)
    })
  })

  suite.test('it is told on stderr, with its stack', async ({ mp }) => {
    const said = await stderrDuring(async () => {
      await new mp.Process({ target: throwOwnClass, name: 'the unlucky' }).start().join()
    })
    // An isolated process may write to the common stderr itself: whole programs show that.
    if (suite.capabilities.isolation === 'thread') {
      expect(said).toContain('of its own')
      expect(said).toMatch(/at throwOwnClass .*ending\.js/)
      expect(said.split('of its own').length, 'once').toBe(2)
    }
  })
}
