import { NotCloneableError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

/** Arguments and results that cannot travel. */
export function refusals(suite: Suite): void {
  suite.test('an item that cannot travel is refused at the call, with its path', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const ignore = (_item: unknown) => {}
    const many = Array.from({ length: 1_000 }, (_, n): unknown => (n === 700 ? { on: { click: () => {} } } : n))
    for (const [items, path] of [
      [[1, () => {}], 'items[1]'],
      [[{ onClick: Symbol('s') }], 'items[0].onClick'],
      [many, 'items[700].on.click'],
    ] as const) {
      for (const chunksize of [undefined, 1, 7]) {
        expectRefused(
          thrownAtOnce(() => pool.map(ignore, items, { chunksize })),
          path,
        )
        if (suite.capabilities.sync)
          expectRefused(
            thrownAtOnce(() => pool.mapSync(ignore, items, { chunksize })),
            path,
          )
      }
    }
    expectRefused(
      thrownAtOnce(() => pool.starmap(ignore, [[1], [new WeakMap()]])),
      'items[1][0]',
    )
    expectRefused(
      thrownAtOnce(() => pool.apply(ignore, [{ deep: [Promise.resolve()] }])),
      'args[0].deep[0]',
    )
    expectRefused(await thrown(() => pool.map(ignore, new Set([() => {}]).values())), 'items[0]')
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('nothing is taken: no item ran, no worker was lost', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const ran = new mp.Value('int32', 0)
    // So that both have come to work.
    await pool.map(square, [1, 2, 3, 4], { chunksize: 1 })
    const workers = pool.workers.map(({ pid }) => pid)
    const items = Array.from({ length: 2_000 }, (_, n): unknown => (n === 1_999 ? () => {} : ran))
    for (let round = 0; round < 20; round++) {
      expectRefused(
        thrownAtOnce(() => pool.map((value) => (value as typeof ran).add(1), items, { chunksize: 1 })),
        'items[1999]',
      )
    }
    expect(await pool.map(square, [3])).toEqual([9])
    expect(ran.value).toBe(0)
    expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
  })

  suite.test('a result that cannot travel rejects with its path, and no other task is harmed', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const ran = new mp.Array('uint8', 20)
    const workers = pool.workers.map(({ pid }) => pid)
    const items = Array.from({ length: 20 }, (_, n) => ({ n, ran }))
    const bad = ({ n, ran }: { n: number; ran: { [n: number]: number } }) => {
      ran[n] = 1
      return n === 11 ? { list: [1, () => {}] } : n
    }
    for (const chunksize of [1, 5, 20]) {
      ran.fill(0)
      expectRefused(await thrown(() => pool.map(bad, items, { chunksize })), 'result.list[1]')
      expect([...ran]).toEqual(items.map(() => 1))
    }
    expectRefused(await thrown(() => pool.apply(() => () => {})), 'result')
    expectRefused(await thrown(() => pool.apply(async () => Symbol('s'))), 'result')
    if (suite.capabilities.sync) expectRefused(await thrown(() => pool.applySync(() => new WeakSet())), 'result')
    expect(await pool.map(square, [3])).toEqual([9])
    expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
  })

  suite.test('a getter of an argument may use the very pool', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const echo = (item: unknown) => item
    const item = () => ({
      get squared() {
        return suite.capabilities.sync ? pool.mapSync(square, [3]) : [9]
      },
    })
    expect(await pool.map(echo, [item(), item()])).toEqual([{ squared: [9] }, { squared: [9] }])
    expect(await pool.apply(echo, [item()])).toEqual({ squared: [9] })
  })

  suite.test('a getter that throws, in an argument or a result, is the cause', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const trouble = new Error('no')
    const item = {
      get it() {
        throw trouble
      },
    }
    const refused = thrownAtOnce(() => pool.apply((_: unknown) => {}, [item]))
    expectRefused(refused, 'args[0].it')
    expect((refused as Error).cause).toBe(trouble)
    const result = await thrown(() =>
      pool.apply(() => ({
        get it() {
          throw new RangeError('there')
        },
      })),
    )
    expectRefused(result, 'result.it')
    expect((result as Error).cause).toMatchObject({ name: 'RangeError', message: 'there' })
  })
}

function expectRefused(error: unknown, path: string): void {
  expect(error).toBeInstanceOf(NotCloneableError)
  expect(error).toMatchObject({ code: 'MP_NOT_CLONEABLE', path })
  expect((error as Error).message).toContain(path)
}
