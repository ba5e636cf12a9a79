import { WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { drain, Well } from '../../support/iterating.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { dieAt, failSome, square, throwIt } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** `{ settled: true }`: failures are results. */
export function settled(suite: Suite): void {
  suite.test('map, starmap, imap: every item gives its status, in order', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const chunksize of [1, 4, 100, undefined]) {
      const ran = new mp.Array('uint8', 25)
      const items = numbers(25).map((n) => ({ n, ran }))
      const spread = (n: number) => {
        if (n % 10 === 3) throw new RangeError(`item ${n}`)
        return n
      }
      for (const results of [
        await pool.map(failSome, items, { settled: true, chunksize }),
        await pool.map(failSome, new Set(items), { settled: true, chunksize }),
        await pool.starmap(
          spread,
          numbers(25).map((n): [number] => [n]),
          { settled: true, chunksize },
        ),
        (await drain(pool.imap(failSome, items, { settled: true, chunksize }))).results,
      ]) {
        results.forEach((result, n) => {
          if (n % 10 !== 3) expect(result).toEqual({ status: 'fulfilled', value: n })
          else expect(result).toMatchObject({ status: 'rejected', reason: { name: 'RangeError', message: `item ${n}` } })
        })
        expect(results).toHaveLength(25)
      }
      expect([...ran]).toEqual(items.map(() => 1))
    }
    expect(await pool.map(square, [], { settled: true })).toEqual([])
  })

  suite.test('imapUnordered: every item gives its status, once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const ran = new mp.Array('uint8', 25)
    const items = numbers(25).map((n) => ({ n, ran }))
    const { results } = await drain(pool.imapUnordered(failSome, items, { settled: true }))
    const shown = results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))
    expect(shown.sort()).toEqual(
      numbers(25)
        .map((n) => (n % 10 === 3 ? `RangeError: item ${n}` : n))
        .sort(),
    )
  })

  suite.test('without it, or with false, nothing changes', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    expect(await pool.map(square, [2], { settled: false })).toEqual([4])
    expect(await pool.map(square, [2], { settled: undefined })).toEqual([4])
    expect((await drain(pool.imap(square, [2], { settled: false }))).results).toEqual([4])
    expect(await thrown(() => pool.map(square, [2], { settled: 1 as never }))).toBeInstanceOf(TypeError)
  })

  suite.test('whatever was thrown is the reason', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const results = await pool.map(throwIt, ['null', 'undefined', 'string', 'number'], { settled: true })
    expect(results).toEqual([null, undefined, 'only a string', 42].map((reason) => ({ status: 'rejected', reason })))
  })

  suite.test("a worker's death is the reason of exactly the items that it held", async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const chunksize of [1, 5]) {
      const ran = new mp.Array('uint8', 20)
      const items = numbers(20).map((n) => ({ n, ran, last: 7 }))
      const lists = [
        await pool.map(dieAt, items, { settled: true, chunksize }),
        (await drain(pool.imap(dieAt, items, { settled: true, chunksize }))).results,
      ]
      for (const [which, results] of lists.entries()) {
        const lost = results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))
        // The chunk is the unit, though a map may cut it finer.
        expect(lost).toContain(7)
        for (const n of lost) {
          expect((results[n] as PromiseRejectedResult).reason).toBeInstanceOf(WorkerDiedError)
          expect(Math.floor(n / chunksize)).toBe(Math.floor(7 / chunksize))
        }
        if (which === 1) expect(lost).toEqual(numbers(20).filter((n) => Math.floor(n / chunksize) === Math.floor(7 / chunksize)))
      }
    }
  })

  suite.test('an item that cannot travel is refused at the call by map, and is a result of imap', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const items = [1, () => 2, 3]
    const error = await thrown(() => pool.map((item: unknown) => item, items, { settled: true }))
    expect(error).toMatchObject({ code: 'MP_NOT_CLONEABLE', path: 'items[1]' })
    for (const chunksize of [1, 2, 10]) {
      const { results } = await drain(pool.imap((item: unknown) => item, items, { settled: true, chunksize }))
      expect(results).toMatchObject([
        { status: 'fulfilled', value: 1 },
        { status: 'rejected', reason: { code: 'MP_NOT_CLONEABLE', path: 'items[1]' } },
        { status: 'fulfilled', value: 3 },
      ])
    }
  })

  suite.test('input that throws is no result: it rejects', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const trouble = new Error('the well is dry')
    const well = () =>
      new Well((n) => {
        if (n === 2) throw trouble
        return n
      })
    expect(await thrown(() => pool.map(square, well(), { settled: true }))).toBe(trouble)
    expect(await drain(pool.imap(square, well(), { settled: true }))).toEqual({
      results: [
        { status: 'fulfilled', value: 0 },
        { status: 'fulfilled', value: 1 },
      ],
      error: trouble,
    })
  })

  suite.test('a timeout, an abort and the end of the pool still reject', async (tools) => {
    const pool = new tools.mp.Pool(1)
    const never = () => new Promise<void>(() => {})
    expect(await thrown(() => pool.map(never, [1], { settled: true, timeout: 5 }))).toMatchObject({ code: 'MP_TIMEOUT' })
    const control = tools.abortController()
    const aborted = thrown(() => pool.map(never, [1], { settled: true, signal: control.signal }))
    control.abort('enough')
    expect(await aborted).toBe('enough')
    const closed = thrown(() => pool.map(never, [1], { settled: true }))
    await pool.terminate()
    expect(await closed).toMatchObject({ code: 'MP_CLOSED' })
  })

  suite.test(
    'the sync forms give statuses, progress and spread arguments as the others do',
    async ({ mp }) => {
      await using pool = new mp.Pool(2)
      const items = numbers(25).map((n) => ({ n, ran: new mp.Array('uint8', 25) }))
      const progress: number[] = []
      const onProgress = ({ done }: { done: number }) => progress.push(done)
      const results = pool.mapSync(failSome, items, { settled: true, chunksize: 5, onProgress })
      expect(results.map(({ status }) => status)).toEqual(items.map(({ n }) => (n % 10 === 3 ? 'rejected' : 'fulfilled')))
      expect(progress.sort((a, b) => a - b)).toEqual([5, 10, 15, 20, 25])
      const pairs = numbers(5).map((n): [number, number] => [n, 2])
      expect(pool.starmapSync((a, b) => a * b, pairs)).toEqual([0, 2, 4, 6, 8])
      expect(thrownAtOnce(() => pool.starmapSync((a: number) => a, [3] as never))).toBeInstanceOf(TypeError)
    },
    { sync: true },
  )
}
