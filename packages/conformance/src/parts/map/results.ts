import type { Queue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'
import { square, squareLate } from '../../workers/pool-tasks.js'

const squares = (n: number) => Array.from({ length: n }, (_, i) => i * i)
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** What comes back, in which order, in which chunks. */
export function results(suite: Suite): void {
  suite.test('map gives the results in the order of the items', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    expect(await pool.map(square, numbers(100))).toEqual(squares(100))
    expect(await pool.map(squareLate, numbers(100), { chunksize: 1 })).toEqual(squares(100))
  })

  suite.test('map with chunks of any size', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const n of [1, 2, 23]) {
      for (const chunksize of [1, 2, 3, 7, 22, 23, 24, 1_000_000, undefined]) {
        expect(await pool.map(square, numbers(n), { chunksize }), `chunks of ${chunksize}`).toEqual(squares(n))
      }
    }
  })

  suite.test('a chunksize that is no whole number from 1 is refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const workers = pool.workers.map(({ pid }) => pid)
    for (const chunksize of [0, -1, 0.5, 1.5, Number.NEGATIVE_INFINITY]) {
      expect(await thrown(() => pool.map(square, [1], { chunksize })), `${chunksize}`).toBeInstanceOf(RangeError)
      expect(await thrown(() => pool.map(square, [], { chunksize })), `${chunksize}, no items`).toBeInstanceOf(RangeError)
      expect(await thrown(() => pool.starmap(square, [[1]], { chunksize }))).toBeInstanceOf(RangeError)
    }
    for (const chunksize of ['2', null, {}, 2n] as unknown as number[]) {
      expect(await thrown(() => pool.map(square, [1], { chunksize }))).toBeInstanceOf(TypeError)
    }
    expect(await pool.map(square, [3])).toEqual([9])
    expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
  })

  suite.test('a million items', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const results = await pool.map((n: number) => n + 1, numbers(1_000_000))
    expect(results.length).toBe(1_000_000)
    expect(results.findIndex((result, n) => result !== n + 1)).toBe(-1)
  })

  suite.test('no items, no results', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    expect(await pool.map(square, [])).toEqual([])
    expect(await pool.starmap(square, [])).toEqual([])
    expect(await pool.map(square, new Set<number>())).toEqual([])
  })

  suite.test('the function gets the item alone', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    expect(await pool.map((...args: unknown[]) => args.length, ['a', undefined, [1, 2]])).toEqual([1, 1, 1])
    expect(await pool.map((item: number[]) => item, [[1, 2], [], [3]])).toEqual([[1, 2], [], [3]])
  })

  suite.test('starmap spreads each item', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const add = (...args: number[]) => args.reduce((a, b) => a + b, 0)
    expect(await pool.starmap(add, [[1, 2], [3], [], [4, 5, 6]])).toEqual([3, 3, 0, 15])
    expect(await pool.starmap(add, new Set([[1, 1]]), { chunksize: 1 })).toEqual([2])
    expect(await thrown(() => pool.starmap(add, [[1], 2 as unknown as number[]]))).toBeInstanceOf(TypeError)
  })

  suite.test('apply calls once, with the arguments', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const show = (...args: unknown[]) => JSON.stringify(args)
    expect(await pool.apply(show)).toBe('[]')
    expect(await pool.apply(show, [])).toBe('[]')
    expect(await pool.apply(show, [1, [2], { three: 3 }])).toBe('[1,[2],{"three":3}]')
    for (const args of [1, 'ab', {}, null] as unknown as unknown[][]) {
      expect(await thrown(() => pool.apply(show, args))).toBeInstanceOf(TypeError)
    }
  })

  suite.test('async functions give what they resolve to', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const later = async (n: number) => {
      for (let turn = n % 4; turn >= 0; turn--) await new Promise((resolve) => setImmediate(resolve))
      return n * 2
    }
    expect(await pool.map(later, numbers(40))).toEqual(numbers(40).map((n) => n * 2))
    expect(await pool.apply(later, [5])).toBe(10)
    // biome-ignore lint/suspicious/noThenProperty: anything with a then is awaited, as `await` does
    expect(await pool.apply(() => ({ then: (resolve: (value: number) => void) => resolve(7) }) as unknown as number)).toBe(7)
  })

  suite.test('a task that waits for something that holds no event loop open is waited for', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const late = () => new Promise((resolve) => setTimeout(resolve, 20, 'late').unref())
    expect(await pool.apply(late)).toBe('late')
  })

  suite.test('any data may be a result', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const make = (n: number) =>
      [undefined, null, '', -0, Number.NaN, [new Map([[1, new Set([2n])]])], Buffer.from('b'), new Date(9)][n]
    const made = await pool.map(make, numbers(8))
    expect(made).toEqual([undefined, null, '', -0, Number.NaN, [new Map([[1, new Set([2n])]])], Buffer.from('b'), new Date(9)])
    expect(Buffer.isBuffer(made[6])).toBe(true)
  })

  suite.test('an error that is returned is a result', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const [error] = await pool.map((text: string) => new RangeError(text), ['not thrown'])
    expect(error).toBeInstanceOf(RangeError)
    expect(error?.message).toBe('not thrown')
  })

  suite.test('handles are arguments and results', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const queue = new mp.Queue<number>()
    const value = new mp.Value('int32', 0)
    type Handles = { queue: Queue<number>; inner: [typeof value] }
    const items = numbers(20).map((): Handles => ({ queue, inner: [value] }))
    const back = await pool.map(({ queue, inner }: Handles) => {
      queue.putSync(inner[0].add(1))
      return { queue, inner }
    }, items)
    expect([value.value, queue.size]).toEqual([20, 20])
    back[19]?.inner[0].add(5)
    expect(value.value).toBe(25)
    const got = numbers(20).map((n) => back[n]?.queue.tryGet() as number)
    expect(got.sort((a, b) => a - b)).toEqual(numbers(20))
  })

  suite.test('arguments and results of 64 MiB', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const bytes = Buffer.alloc(2 ** 26, 'sixteen letters.')
    const back = await pool.apply(
      (given: Buffer) => {
        given[5] = 33
        return given
      },
      [bytes],
    )
    expect([bytes[5], back[5], back.length]).toEqual([101, 33, bytes.length])
    back[5] = 101
    expect(back.equals(bytes)).toBe(true)
  })
}
