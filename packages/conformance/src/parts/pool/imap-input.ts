import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { turns } from '../../support/hang.js'
import { drain, iterating, Well } from '../../support/iterating.js'
import { square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const squares = (n: number) => numbers(n).map((i) => i * i)

/** Where items come from, when, and what it is told. */
export function imapInput(suite: Suite): void {
  for (const method of iterating) {
    suite.test(`${method}: anything iterable is input`, async ({ mp }) => {
      await using pool = new mp.Pool(1)
      for (const chunksize of [1, 4]) {
        const inputs = [
          numbers(10),
          new Set(numbers(10)),
          Int32Array.from(numbers(10)),
          new Well((n) => n, 10),
          new Well((n) => n, 10).later(),
          numbers(10).map((n) => Promise.resolve(n)) as unknown as number[],
        ]
        for (const input of inputs) expect((await drain(pool[method](square, input, { chunksize }))).results).toEqual(squares(10))
      }
    })

    for (const kind of ['sync', 'async'] as const) {
      suite.test(`${method}: input that throws ends it with that very error, after what was pulled (${kind})`, async ({ mp }) => {
        await using pool = new mp.Pool(2)
        const trouble = new Error('the well is dry')
        for (const [good, chunksize] of [
          [0, 1],
          [3, 1],
          [7, 2],
          [7, 4],
          [7, 100],
        ] as const) {
          const well = new Well((n) => {
            if (n === good) throw trouble
            return n
          })
          const { results, error } = await drain(pool[method](square, kind === 'sync' ? well : well.later(), { chunksize }))
          expect(error).toBe(trouble)
          expect(results.sort((a, b) => a - b)).toEqual(squares(good))
          // As in a `for … of`: who throws has ended by itself.
          expect(well.returned).toBe(0)
        }
        const broken = {
          [Symbol.iterator]: () => {
            throw trouble
          },
        }
        expect(await drain(pool[method](square, broken))).toEqual({ results: [], error: trouble })
        expect(await pool.map(square, [3])).toEqual([9])
      })

      suite.test(`${method}: input that never ends is pulled as results are taken (${kind})`, async ({ mp }) => {
        await using pool = new mp.Pool(2)
        for (const chunksize of [1, 10]) {
          const well = new Well((n) => n)
          const results: number[] = []
          for await (const result of pool[method](square, kind === 'sync' ? well : well.later(), { chunksize })) {
            results.push(result)
            // A few chunks for each worker.
            expect(well.drawn - results.length).toBeLessThanOrEqual(10 * chunksize)
            if (results.length === 50) break
          }
          expect(results).toHaveLength(50)
          expect(well.returned).toBe(1)
          // One may have been on its way.
          await turns()
          const { drawn } = well
          await turns()
          expect(well.drawn).toBe(drawn)
        }
        expect(await pool.map(square, [3])).toEqual([9])
      })
    }

    suite.test(`${method}: while nobody takes results, nothing more is pulled`, async (tools) => {
      await using pool = new tools.mp.Pool(2)
      const well = new Well((n) => n)
      const iterator = pool[method](square, well)
      await iterator.next()
      // Whatever is in hand has come back by then.
      for (let n = 0; n < 5; n++) {
        await pool.map(square, numbers(10), { chunksize: 1 })
        await turns()
      }
      expect(well.drawn).toBeLessThanOrEqual(10)
      await iterator.return()
      expect(well.returned).toBe(1)
    })

    suite.test(`${method}: an item that cannot travel ends it, after those before it`, async ({ mp }) => {
      await using pool = new mp.Pool(2)
      for (const chunksize of [1, 3, 4, 100]) {
        const well = new Well((n) => (n === 6 ? { deep: [() => n] } : n) as unknown, 1_000)
        const { results, error } = await drain(pool[method]((item: unknown) => item, well, { chunksize }))
        // Out of order, those before it are those done before it, and those in its chunk.
        const before = method === 'imap' ? numbers(6) : numbers(6).filter((n) => n >= 6 - (6 % chunksize))
        expect(results).toEqual(method === 'imap' ? before : expect.arrayContaining(before))
        expect(error).toMatchObject({ code: 'MP_NOT_CLONEABLE', path: 'items[6].deep[0]' })
        expect(well.returned).toBe(1)
      }
      expect(await pool.map(square, [3])).toEqual([9])
    })

    suite.test(`${method}: what the input's return throws is what leaving throws`, async ({ mp }) => {
      await using pool = new mp.Pool(1)
      const trouble = new Error('it will not close')
      const input = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: 1 }),
          return: (): IteratorResult<number> => {
            throw trouble
          },
        }),
      }
      const leave = async () => {
        for await (const _ of pool[method](square, input)) break
      }
      const error = await leave().catch((reason: unknown) => reason)
      expect(error).toBe(trouble)
      expect(await pool.map(square, [3])).toEqual([9])
    })
  }
}
