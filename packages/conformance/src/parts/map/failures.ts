import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'
import { exceed, QuotaError } from '../../workers/custom-error.js'
import { failSome, failSomeLater, square, throwIt } from '../../workers/pool-tasks.js'

/** What tasks throw: it arrives whole, and harms no other task. */
export function failures(suite: Suite): void {
  for (const task of [failSome, failSomeLater]) {
    for (const chunksize of [1, 4, 40]) {
      suite.test(
        `map rejects with the first error by input order, and all other items ran (${task.name}, chunks of ${chunksize})`,
        async ({ mp }) => {
          await using pool = new mp.Pool(2)
          const ran = new mp.Array('uint8', 40)
          const items = Array.from({ length: 40 }, (_, n) => ({ n, ran }))
          const error = await thrown(() => pool.map(task, items, { chunksize }))
          expect(error).toBeInstanceOf(RangeError)
          expect(error).toMatchObject({ message: 'item 3' })
          expect([...ran]).toEqual(items.map(() => 1))
        },
      )
    }
  }

  suite.test('errors arrive whole: class, code, cause, own properties, both stacks', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const error = (await thrown(() => pool.apply(throwIt, ['rich']))) as RangeError
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ name: 'RangeError', message: 'outer', code: 'E_OUTER', detail: { at: [1, 2] } })
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.cause).toMatchObject({ message: 'inner', code: 'E_INNER' })
    expect(error.stack).toMatch(/^RangeError: outer/)
    const [local, remote] = [error.stack?.indexOf('failures.'), error.stack?.indexOf('throwIt')]
    expect(local, error.stack).toBeGreaterThan(0)
    expect(remote, 'the remote stack stands below the local one').toBeGreaterThan(local as number)
  })

  suite.test('an AggregateError keeps its errors', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const error = (await thrown(() => pool.apply(throwIt, ['aggregate']))) as AggregateError
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.message).toBe('several')
    expect(error.errors[0]).toBeInstanceOf(SyntaxError)
    expect(error.errors[1]).toBe('two')
  })

  suite.test('a system error keeps its code', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    expect(await thrown(() => pool.apply(throwIt, ['system']))).toMatchObject({ code: 'ERR_UNKNOWN_SIGNAL', name: 'TypeError' })
  })

  suite.test('a class of its own arrives as an Error with its name, or as itself once registered', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const stranger = (await thrown(() => pool.apply(throwIt, ['own class']))) as Error
    expect(stranger).toMatchObject({ name: 'UnknownHereError', message: 'mine', code: 'E_OWN' })
    expect(Object.getPrototypeOf(stranger)).toBe(Error.prototype)
    const known = (await thrown(() => pool.apply(exceed, [12]))) as QuotaError
    expect(known).toBeInstanceOf(QuotaError)
    expect([known.name, known.message, known.code, known.limit, known.doubled]).toEqual([
      'QuotaError',
      'more than 12',
      'E_QUOTA',
      12,
      24,
    ])
  })

  for (const [what, value] of [
    ['null', null],
    ['undefined', undefined],
    ['string', 'only a string'],
    ['number', 42],
    ['object', { code: 'E_PLAIN', list: [1] }],
    ['symbol', 'Symbol(a symbol)'],
  ] as const) {
    suite.test(`a thrown ${what} arrives`, async ({ mp }) => {
      await using pool = new mp.Pool(1)
      for (const call of [
        () => pool.apply(throwIt, [what]),
        () => pool.map(throwIt, [what]),
        () => pool.starmap(throwIt, [[what]]),
      ]) {
        expect(await thrown(call)).toEqual(value)
      }
      if (suite.capabilities.sync) expect(await thrown(() => pool.applySync(throwIt, [what]))).toEqual(value)
    })
  }

  suite.test('properties of an error that cannot travel arrive as text', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const error = await thrown(() => pool.apply(throwIt, ['with a function']))
    expect(error).toMatchObject({ message: 'holds a function', kept: 1 })
    expect(typeof (error as { callback: unknown }).callback).toBe('string')
  })

  suite.test('what cannot be rebuilt still fails its own call and no other', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const workers = pool.workers.map(({ pid }) => pid)
    for (const what of ['hostile', 'proxy', 'function']) {
      const before = pool.apply(square, [2])
      const failed = thrown(() => pool.apply(throwIt, [what]))
      const after = pool.apply(square, [3])
      expect([await before, await after]).toEqual([4, 9])
      expect(await failed, what).not.toBe(undefined)
    }
    expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
  })

  suite.test('the errors of calls made at once do not get mixed up', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const fail = (n: number) => {
      if (n % 3 === 0) throw new Error(String(n))
      return n
    }
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, (_, n) => pool.apply(fail, [n])))
    outcomes.forEach((outcome, n) => {
      if (n % 3 === 0) expect(outcome.status === 'rejected' && outcome.reason.message).toBe(String(n))
      else expect(outcome).toEqual({ status: 'fulfilled', value: n })
    })
  })
}
