import { WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { drain } from '../../support/iterating.js'
import { thrown } from '../../support/thrown.js'
import { passGate, square, squareLate } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const squares = (n: number) => numbers(n).map((i) => i * i)

/** Results as they come. */
export function imapUnordered(suite: Suite): void {
  suite.test('every result comes once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const chunksize of [1, 3, 100, 1_000]) {
      const { results, error } = await drain(pool.imapUnordered(squareLate, numbers(300), { chunksize }))
      expect(error).toBe(undefined)
      expect(results.sort((a, b) => a - b)).toEqual(squares(300))
    }
    expect(await drain(pool.imapUnordered(square, []))).toEqual({ results: [], error: undefined })
  })

  suite.test('what is done first comes first', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 6), new mp.Value('int32', 0), new mp.Queue()]
    const open = new mp.Queue()
    open.shutdown()
    const items = numbers(6).map((n) => ({ n, ran, came, gate: n === 0 ? gate : open }))
    const iterator = pool.imapUnordered(passGate, items)
    const first: unknown[] = []
    for (let n = 0; n < 5; n++) first.push((await iterator.next()).value)
    expect(first.sort()).toEqual([1, 2, 3, 4, 5])
    expect(ran[0]).toBe(0)
    gate.shutdown()
    expect(await iterator.next()).toEqual({ done: false, value: 0 })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  suite.test('it ends at the first failure, after what was done before it', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const fail = (n: number) => {
      if (n === 4) throw new RangeError(`item ${n}`)
      return n
    }
    for (const chunksize of [1, 3, 10]) {
      const { results, error } = await drain(pool.imapUnordered(fail, numbers(10), { chunksize }))
      expect(results).toEqual([0, 1, 2, 3])
      expect(error).toMatchObject({ name: 'RangeError', message: 'item 4' })
    }
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('a failure does not wait for slower ones', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [came, gate, death] = [new mp.Value('int32', 0), new mp.Queue(), new mp.Queue()]
    const dieLater = async ({ n, death }: { n: number; death: AsyncIterable<unknown> }) => {
      if (n === 1) {
        for await (const _ of death);
        process.exit(7)
      }
      return n
    }
    const dying = pool.imapUnordered(dieLater, [
      { n: 0, death },
      { n: 1, death },
    ])
    expect(await dying.next()).toEqual({ value: 0, done: false })
    death.shutdown()
    expect(await thrown(() => dying.next())).toBeInstanceOf(WorkerDiedError)
    const fail = async ({ n, gate, came }: { n: number; gate: typeof gate_; came: { add(n: number): number } }) => {
      came.add(1)
      if (n === 1) throw new RangeError('fast')
      for await (const _ of gate);
    }
    const gate_ = gate
    const slow = pool.imapUnordered(fail, [
      { n: 0, gate, came },
      { n: 1, gate, came },
    ])
    expect((await drain(slow)).error).toMatchObject({ message: 'fast' })
    gate.shutdown()
    await tools.until(() => came.value === 2, 'the start of both')
  })
}
