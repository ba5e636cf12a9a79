import { ClosedError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

/** Where items come from. */
export function input(suite: Suite): void {
  suite.test('anything iterable is input', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    function* generate() {
      for (let n = 0; n < 10; n++) yield n
    }
    async function* generateLater() {
      for (let n = 0; n < 10; n++) {
        await new Promise((resolve) => setImmediate(resolve))
        yield n
      }
    }
    const expected = Array.from({ length: 10 }, (_, n) => n * n)
    expect(await pool.map(square, generate())).toEqual(expected)
    expect(await pool.map(square, generateLater())).toEqual(expected)
    expect(await pool.map(square, new Set([1, 2]))).toEqual([1, 4])
    expect(await pool.map(square, Float64Array.of(1, 2))).toEqual([1, 4])
    expect(await pool.map(([key, value]: [string, number]) => key + value, new Map([['a', 1]]))).toEqual(['a1'])
    expect(await pool.map((letter: string) => letter + letter, 'ab')).toEqual(['aa', 'bb'])
    const sparse: unknown[] = []
    sparse[2] = 3
    expect(await pool.map((n: unknown) => [n], sparse)).toEqual([[undefined], [undefined], [3]])
  })

  suite.test('an iterable that throws rejects with that very error, and nothing ran', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const ran = new mp.Value('int32', 0)
    const trouble = new Error('the well is dry')
    function* generate() {
      yield ran
      throw trouble
    }
    async function* generateLater() {
      yield ran
      throw trouble
    }
    const mark = (value: typeof ran) => value.add(1)
    expect(await thrown(() => pool.map(mark, generate()))).toBe(trouble)
    expect(await thrown(() => pool.map(mark, generateLater()))).toBe(trouble)
    expect(await thrown(() => pool.starmap(mark, generate() as never))).toBe(trouble)
    const broken = {
      [Symbol.iterator]: () => {
        throw trouble
      },
    }
    expect(await thrown(() => pool.map(mark, broken))).toBe(trouble)
    if (suite.capabilities.sync) expect(thrownAtOnce(() => pool.mapSync(mark, generate()))).toBe(trouble)
    expect(await pool.map(square, [3])).toEqual([9])
    expect(ran.value).toBe(0)
  })

  suite.test('input that never ends is cancelled like any call, and told so', async (tools) => {
    const { mp } = tools
    const pool = new mp.Pool(1)
    let ended = 0
    const endless = async function* () {
      try {
        for (;;) {
          await new Promise(setImmediate)
          yield 1
        }
      } finally {
        ended++
      }
    }
    const control = tools.abortController()
    setImmediate(() => control.abort('enough'))
    expect(await thrown(() => pool.map(square, endless(), { signal: control.signal }))).toBe('enough')
    expect(await thrown(() => pool.map(square, endless(), { timeout: 5 }))).toBeInstanceOf(TimeoutError)
    const stuck = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => {}) }),
    }
    expect(await thrown(() => pool.map(square, stuck, { timeout: 5 }))).toBeInstanceOf(TimeoutError)
    const pending = thrown(() => pool.map(square, endless()))
    await pool.terminate()
    expect(await pending).toBeInstanceOf(ClosedError)
    await tools.until(() => ended === 3, 'the end of the iterators')
  })

  suite.test('input that is still coming in when the pool is closed counts', async ({ mp }) => {
    const pool = new mp.Pool(1)
    const slow = async function* () {
      for (const n of [1, 2, 3]) {
        await new Promise(setImmediate)
        yield n
      }
    }
    const squares = pool.map(square, slow())
    pool.close()
    await pool.join()
    expect(await squares).toEqual([1, 4, 9])
  })

  suite.test('what is not iterable is refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    for (const items of [5, null, undefined, {}, () => [1]] as unknown as number[][]) {
      expect(thrownAtOnce(() => pool.map(square, items))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.starmap(square, items as never))).toBeInstanceOf(TypeError)
      if (suite.capabilities.sync) expect(thrownAtOnce(() => pool.mapSync(square, items))).toBeInstanceOf(TypeError)
    }
  })

  suite.test('bad options are refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    for (const options of [5, 'fast', true, null] as unknown as object[]) {
      expect(thrownAtOnce(() => pool.map(square, [1], options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.apply(square, [1], options))).toBeInstanceOf(TypeError)
    }
    for (const timeout of ['5', null, Number.NaN] as unknown as number[]) {
      expect(thrownAtOnce(() => pool.map(square, [1], { timeout }))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.apply(square, [1], { timeout }))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => pool.map(square, [1], { timeout: -1 }))).toBeInstanceOf(RangeError)
    expect(thrownAtOnce(() => pool.map(square, [1], { signal: {} as AbortSignal }))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => pool.map(square, [1], { onProgress: 'yes' as never }))).toBeInstanceOf(TypeError)
    if (suite.capabilities.sync) {
      const { signal } = new AbortController()
      expect(thrownAtOnce(() => pool.mapSync(square, [1], { signal } as object))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.applySync(square, [1], { signal } as object))).toBeInstanceOf(TypeError)
    }
    expect(await pool.map(square, [2])).toEqual([4])
  })
}
