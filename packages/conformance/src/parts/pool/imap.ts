import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { drain, pidsOf, Well } from '../../support/iterating.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { failSome, passGate, square, squareLate } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const squares = (n: number) => numbers(n).map((i) => i * i)

/** Results in the order of the items, as they are asked for. */
export function imap(suite: Suite): void {
  suite.test('the results come in the order of the items', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    expect(await drain(pool.imap(square, numbers(10)))).toEqual({ results: squares(10), error: undefined })
    expect(await drain(pool.imap(squareLate, numbers(100)))).toEqual({ results: squares(100), error: undefined })
    expect((await drain(pool.imap(square, numbers(1_000), { chunksize: 100 }))).results).toEqual(squares(1_000))
  })

  suite.test('chunks of any size', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const n of [0, 1, 2, 23]) {
      for (const chunksize of [1, 2, 3, 7, 22, 23, 24, 1_000_000, undefined]) {
        const { results } = await drain(pool.imap(square, numbers(n), { chunksize }))
        expect(results, `${n} items in chunks of ${chunksize}`).toEqual(squares(n))
      }
    }
  })

  suite.test('it is an iterator: one result a request, then the end, again and again', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const iterator = pool.imap(square, numbers(20))
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
    for (const n of numbers(20)) expect(await iterator.next()).toEqual({ done: false, value: n * n })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  suite.test('requests that are made before there is a result are served in turn', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const iterator = pool.imap(squareLate, numbers(20))
    const requests = numbers(22).map(() => iterator.next())
    expect((await Promise.all(requests)).map(({ value }) => value)).toEqual([...squares(20), undefined, undefined])
  })

  suite.test('a result is there before later items are done', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 3), new mp.Value('int32', 0), new mp.Queue()]
    const open = new mp.Queue()
    open.shutdown()
    const items = [0, 1, 2].map((n) => ({ n, ran, came, gate: n === 0 ? open : gate }))
    const iterator = pool.imap(passGate, items)
    expect(await iterator.next()).toEqual({ done: false, value: 0 })
    expect([...ran]).toEqual([1, 0, 0])
    gate.shutdown()
    expect((await drain(iterator)).results).toEqual([1, 2])
  })

  suite.test('nothing happens before the first request', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const well = new Well((n) => n)
    const control = new AbortController()
    pool.imap(square, well, { timeout: 60_000, signal: control.signal })
    pool.imapUnordered(square, well.later())
    expect(await pool.map(square, [2])).toEqual([4])
    expect(well).toMatchObject({ drawn: 0, returned: 0 })
  })

  suite.test('several iterations and maps at once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const all = await Promise.all(
      numbers(10).flatMap((k) => [
        drain(pool.imap(squareLate, numbers(10 * k), { chunksize: 1 + (k % 3) })).then(({ results }) => results),
        pool.map(squareLate, numbers(10 * k)),
      ]),
    )
    all.forEach((results, n) => {
      expect(results).toEqual(squares(10 * Math.floor(n / 2)))
    })
  })

  suite.test('it ends at the first item that failed, with its error, after those before it', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const chunksize of [1, 2, 5, 100]) {
      const ran = new mp.Array('uint8', 30)
      const { results, error } = await drain(
        pool.imap(
          failSome,
          numbers(30).map((n) => ({ n, ran })),
          { chunksize },
        ),
      )
      expect(results, `in chunks of ${chunksize}`).toEqual([0, 1, 2])
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ message: 'item 3' })
      expect((error as Error).stack).toContain('in a pool worker')
      // In its chunk, too, it stops no other.
      expect([...ran.subarray(0, Math.min(30, chunksize))]).toEqual(numbers(Math.min(30, chunksize)).map(() => 1))
    }
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('after the error it is over, and no worker has paid for it', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const workers = pidsOf(pool)
    const ran = new mp.Array('uint8', 5)
    const iterator = pool.imap(failSome, [{ n: 3, ran }, ...numbers(3).map((n) => ({ n, ran }))])
    await expectRejected(iterator.next(), /item 3/)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await pool.map(square, [3])).toEqual([9])
    expect(pidsOf(pool)).toEqual(workers)
  })

  suite.test('bad arguments are refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    for (const method of ['imap', 'imapUnordered'] as const) {
      const call = pool[method].bind(pool) as (fn: unknown, items: unknown, options?: unknown) => unknown
      for (const chunksize of [0, -1, 0.5, Number.POSITIVE_INFINITY, Number.NaN])
        expect(thrownAtOnce(() => call(square, [1], { chunksize }))).toBeInstanceOf(RangeError)
      for (const options of [
        5,
        null,
        { chunksize: '1' },
        { chunksize: null },
        { timeout: '1' },
        { timeout: null },
        { signal: {} },
        { settled: 1 },
      ]) {
        expect(thrownAtOnce(() => call(square, [1], options))).toBeInstanceOf(TypeError)
      }
      expect(thrownAtOnce(() => call(square, [1], { timeout: -1 }))).toBeInstanceOf(RangeError)
      for (const items of [5, null, undefined, {}]) expect(thrownAtOnce(() => call(square, items))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => call('square', [1]))).toBeInstanceOf(TypeError)
      const outside = 5
      expect(thrownAtOnce(() => call(() => outside, [1]))).toMatchObject({ code: 'MP_TARGET' })
    }
    expect(await pool.map(square, [3])).toEqual([9])
  })
}

async function expectRejected(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(String(error)).toMatch(message)
}
