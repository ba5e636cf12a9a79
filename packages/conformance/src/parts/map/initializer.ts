import { TimeoutError, WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

/** What every worker runs before it takes work. */
export function initializer(suite: Suite): void {
  suite.test('it runs in each worker, with its arguments, before any task', async ({ mp }) => {
    const runs = new mp.Value('int32', 0)
    const initializer = (runs: { add(n: number): void }, name: string) => {
      runs.add(1)
      Reflect.set(globalThis, 'named', name)
    }
    await using pool = new mp.Pool({ processes: 2, initializer, initargs: [runs, 'of mine'] })
    const names = await pool.map(
      () => Reflect.get(globalThis, 'named'),
      Array.from({ length: 20 }, (_, n) => n),
      { chunksize: 1 },
    )
    expect(new Set(names)).toEqual(new Set(['of mine']))
    expect(runs.value).toBeGreaterThan(0)
    expect(runs.value).toBeLessThanOrEqual(2)
  })

  suite.test('one that takes longer than calls wait is not begun anew for the next', async ({ mp }) => {
    const [begun, mayEnd] = [new mp.Value('int32', 0), new mp.Event()]
    const initializer = async (begun: { add(n: number): void }, mayEnd: { wait(): Promise<boolean> }) => {
      begun.add(1)
      await mayEnd.wait()
    }
    await using pool = new mp.Pool({ processes: 1, initializer, initargs: [begun, mayEnd] })
    for (let n = 0; n < 2; n++) {
      expect(await thrown(() => pool.apply(square, [2], { timeout: 50 }))).toBeInstanceOf(TimeoutError)
      // Nobody waits for it, for longer than the engines' backends leave alone what has the thread for nobody.
      await new Promise((resolve) => setTimeout(resolve, 1_200))
    }
    mayEnd.set()
    expect(await pool.apply(square, [3])).toBe(9)
    expect(begun.value).toBe(1)
  })

  suite.test(
    'one that throws rejects all calls with its error, sync ones too, and is not tried for ever',
    async ({ mp, within }) => {
      const tries = new mp.Value('int32', 0)
      const initializer = (tries: { add(n: number): void }) => {
        tries.add(1)
        throw new RangeError('not on this machine')
      }
      await using pool = new mp.Pool({ processes: 2, initializer, initargs: [tries] })
      for (const call of [() => pool.apply(square, [1]), () => pool.map(square, [1, 2, 3])]) {
        expect(await thrown(call)).toMatchObject({ name: 'RangeError', message: 'not on this machine' })
      }
      const timeout = within(10_000)
      for (const call of [() => pool.applySync(square, [1], { timeout }), () => pool.mapSync(square, [1, 2], { timeout })]) {
        if (suite.capabilities.sync)
          expect(thrownAtOnce(call)).toMatchObject({ name: 'RangeError', message: 'not on this machine' })
      }
      expect(tries.value).toBeLessThanOrEqual(2)
    },
  )

  if (suite.capabilities.sync) {
    suite.test('a sync call is the first to learn that it throws', async ({ mp, within }) => {
      const initializer = () => {
        throw new RangeError('not on this machine')
      }
      await using pool = new mp.Pool({ processes: 1, initializer })
      const timeout = within(10_000)
      for (let n = 0; n < 2; n++) {
        expect(thrownAtOnce(() => pool.applySync(square, [n], { timeout }))).toMatchObject({ message: 'not on this machine' })
      }
    })
  }

  suite.test('one that exits gives WorkerDiedError after three workers', async ({ mp }) => {
    const tries = new mp.Value('int32', 0)
    const initializer = (tries: { add(n: number): void }) => {
      tries.add(1)
      process.exit(4)
    }
    await using pool = new mp.Pool({ processes: 1, initializer, initargs: [tries] })
    const error = await thrown(() => pool.apply(square, [1]))
    expect(error).toBeInstanceOf(WorkerDiedError)
    expect(error).toMatchObject({ exitCode: 4 })
    expect(await thrown(() => pool.apply(square, [2]))).toBeInstanceOf(WorkerDiedError)
    expect(tries.value).toBe(3)
  })
}
