import type { Pool } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { drain } from '../../support/iterating.js'
import { square } from '../../workers/pool-tasks.js'
import { leavePoolOpen, startTicking, sumOfSquares } from '../../workers/pool-workers.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** Pools in pools, pools beside pools, and what workers do while they have nothing to do. */
export function nesting(suite: Suite): void {
  for (const depth of [1, 2]) {
    suite.test(`a task makes a pool of its own (depth ${depth})`, async ({ mp }) => {
      await using pool = new mp.Pool(2)
      const sums = await pool.starmap(
        sumOfSquares,
        [5, 10].map((n): [string, number, number] => [mp.backend.name, depth, n]),
        { chunksize: 1 },
      )
      expect(sums).toEqual([30, 285])
    })
  }

  suite.test('a pool that a task left open goes on with its worker and ends with it', async (tools) => {
    const { mp } = tools
    const value = new mp.Value('int32', 0)
    const pool = new mp.Pool(1)
    expect(await pool.apply(leavePoolOpen, [mp.backend.name, value])).toBe(1)
    expect(value.value).toBe(1)
    expect(await pool.apply(square, [3])).toBe(9)
    await inTime(pool.terminate(), tools.within(2_000), 'the end of terminate()')
  })

  suite.test('many pools at once, each with calls of every kind', async ({ mp }) => {
    const pools = numbers(5).map((n) => new mp.Pool({ processes: 1 + (n % 2), concurrency: 1 + (n % 3) }))
    const expected = numbers(20).map((n) => n * n)
    await Promise.all(
      pools.map(async (pool) => {
        const [mapped, iterated, unordered, applied] = await Promise.all([
          pool.map(square, numbers(20)),
          drain(pool.imap(square, numbers(20))),
          drain(pool.imapUnordered(square, numbers(20), { chunksize: 3 })),
          Promise.all(numbers(20).map((n) => pool.applyAsync(square, [n]))),
        ])
        expect(mapped).toEqual(expected)
        expect(iterated.results).toEqual(expected)
        expect(unordered.results.sort((a, b) => a - b)).toEqual(expected)
        expect(applied).toEqual(expected)
      }),
    )
    await Promise.all(pools.map((pool) => pool.terminate()))
  })

  suite.test('an idle worker keeps its event loop running: a timer that its initializer set fires', async (tools) => {
    const { mp } = tools
    const ticks = new mp.Value('int32', 0)
    await using pool = new mp.Pool({ processes: 1, initializer: startTicking, initargs: [ticks] })
    await tools.until(() => ticks.value > 5, 'ticks of a worker that never had a task')
    expect(await pool.apply(square, [3])).toBe(9)
    const before = ticks.value
    await tools.until(() => ticks.value > before + 5, 'ticks of a worker that is idle again')
  })

  suite.test('timers fire between short tasks, too', async (tools) => {
    const { mp } = tools
    const ticks = new mp.Value('int32', 0)
    await using pool = new mp.Pool({ processes: 1, initializer: startTicking, initargs: [ticks] })
    await pool.apply(square, [1])
    const before = ticks.value
    let goesOn = true
    const busy = (async () => {
      while (goesOn) await pool.map(square, numbers(1_000), { chunksize: 1 })
    })()
    await tools.until(() => ticks.value > before + 5, 'ticks of a busy worker')
    goesOn = false
    await busy
  })

  suite.test('what a finished call referred to is free to go', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const references = await callWithObjects(pool)
    await tools.until(() => {
      ;(globalThis as { gc?: () => void }).gc?.()
      return references.every((reference) => reference.deref() === undefined)
    }, 'the end of the arguments')
  })
}

/** In a function of its own, so that nothing on the stack holds them. */
async function callWithObjects(pool: Pool): Promise<WeakRef<object>[]> {
  const objects = numbers(10).map((n) => ({ n }))
  const pick = ({ n }: { n: number }) => n
  await pool.map(pick, objects)
  await drain(pool.imap(pick, objects, { chunksize: 2 }))
  await Promise.all(objects.map((object) => pool.apply(pick, [object])))
  return objects.map((object) => new WeakRef(object))
}
