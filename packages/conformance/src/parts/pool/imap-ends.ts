import { ClosedError, TimeoutError, WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime, turns } from '../../support/hang.js'
import { drain, iterating, pidsOf, Well } from '../../support/iterating.js'
import { thrown } from '../../support/thrown.js'
import { block, dieAt, passGate, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** An iteration ends with its consumer, its time, its signal, its pool; its input is told, and other calls do not notice. */
export function imapEnds(suite: Suite): void {
  for (const method of iterating) {
    suite.test(`${method}: leaving the loop drops what is queued, and harms no worker`, async (tools) => {
      const { mp } = tools
      await using pool = new mp.Pool(1)
      const workers = pidsOf(pool)
      const [ran, came, gate] = [new mp.Array('uint8', 100), new mp.Value('int32', 0), new mp.Queue()]
      const open = new mp.Queue()
      open.shutdown()
      const well = new Well((n) => ({ n, ran, came, gate: n === 0 ? open : gate }), 100)
      for await (const result of pool[method](passGate, well)) {
        expect(result).toBe(0)
        await tools.until(() => came.value === 2, 'the start of the second item')
        break
      }
      expect(well.returned).toBe(1)
      const behind = pool.apply(square, [4])
      await turns()
      gate.shutdown()
      expect(await behind).toBe(16)
      // The one that ran went on; those behind it never began.
      expect([...ran]).toEqual(numbers(100).map((n) => (n < 2 ? 1 : 0)))
      expect(pidsOf(pool)).toEqual(workers)
    })

    suite.test(`${method}: return and throw end it, also for who waits`, async ({ mp, until }) => {
      await using pool = new mp.Pool(1)
      const started = new mp.Value('int32', 0)
      for (const end of ['return', 'throw', 'dispose'] as const) {
        const gate = new mp.Queue()
        const well = new Well(() => [gate, started] as [typeof gate, typeof started])
        const before = started.value
        const iterator = pool[method](([queue, value]: [typeof gate, typeof started]) => {
          value.add(1)
          return (async () => {
            for await (const _ of queue);
          })()
        }, well)
        const requests = [iterator.next(), iterator.next()]
        await until(() => started.value > before, 'the start of a task')
        if (end === 'return') expect(await iterator.return()).toEqual({ done: true, value: undefined })
        if (end === 'throw') expect(await thrown(() => iterator.throw('mine'))).toBe('mine')
        if (end === 'dispose') await iterator[Symbol.asyncDispose]()
        expect(await Promise.all(requests)).toEqual(requests.map(() => ({ done: true, value: undefined })))
        expect(await iterator.next()).toEqual({ done: true, value: undefined })
        expect(well.returned).toBe(1)
        gate.shutdown()
      }
      expect(await pool.map(square, [3])).toEqual([9])
    })

    suite.test(`${method}: a signal ends it with its reason, a running task with its worker`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const [before] = pidsOf(pool)
      const started = new tools.mp.Value('int32', 0)
      const control = tools.abortController()
      const well = new Well(() => started)
      const iterator = pool[method](block, well, { signal: control.signal })
      const requests = [thrown(() => iterator.next()), iterator.next()]
      await tools.until(() => started.value === 1, 'the start of the task')
      const behind = pool.apply(square, [4])
      const reason = { because: 'enough' }
      control.abort(reason)
      expect(await Promise.all(requests)).toEqual([reason, { done: true, value: undefined }])
      expect(await requests[0]).toBe(reason)
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
      await tools.until(() => well.returned === 1, 'the end of the input')
      expect(await behind).toBe(16)
      expect(pidsOf(pool)).not.toContain(before)
      expect(started.value).toBe(1)
    })

    suite.test(`${method}: a signal that is raised between two requests`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const control = tools.abortController()
      const well = new Well((n) => n)
      const iterator = pool[method](square, well, { signal: control.signal })
      expect(await iterator.next()).toEqual({ done: false, value: 0 })
      control.abort('now')
      await tools.until(() => well.returned === 1, 'the end of the input')
      expect(await thrown(() => iterator.next())).toBe('now')
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
    })

    suite.test(`${method}: a signal that is aborted already: nothing is pulled`, async ({ mp }) => {
      await using pool = new mp.Pool(1)
      const well = new Well((n) => n)
      const iterator = pool[method](square, well, { signal: AbortSignal.abort('before') })
      expect(await thrown(() => iterator.next())).toBe('before')
      expect(well.drawn).toBe(0)
    })

    suite.test(`${method}: a signal after the end changes nothing, and nobody listens to it`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const control = tools.abortController()
      expect((await drain(pool[method](square, [1, 2], { signal: control.signal }))).results).toEqual([1, 4])
      control.abort()
      expect(await pool.map(square, [3])).toEqual([9])
    })

    suite.test(`${method}: timeout is one deadline for all of it`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const started = new tools.mp.Value('int32', 0)
      const endless = new Well((n) => n)
      const { error } = await drain(pool[method](square, endless, { timeout: 30 }))
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ code: 'MP_TIMEOUT' })
      expect(endless.returned).toBe(1)
      const blocked = new Well(() => started)
      expect((await drain(pool[method](block, blocked, { timeout: 30 }))).error).toBeInstanceOf(TimeoutError)
      const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => {}) }) }
      expect((await drain(pool[method](square, stuck, { timeout: 5 }))).error).toBeInstanceOf(TimeoutError)
      const late = pool[method](square, [1], { timeout: 0 })
      await turns()
      expect([{ results: [1], error: undefined }, 'MP_TIMEOUT']).toContainEqual(
        await drain(late).then((end) => (end.error ? (end.error as TimeoutError).code : end)),
      )
      expect(await pool.map(square, [3], { timeout: tools.within(20_000) })).toEqual([9])
    })

    suite.test(`${method}: a worker's death is the failure of the items that it held`, async ({ mp }) => {
      await using pool = new mp.Pool(1)
      for (const chunksize of [1, 2]) {
        const ran = new mp.Array('uint8', 20)
        const items = numbers(20).map((n) => ({ n, ran, last: 4 }))
        const { results, error } = await drain(pool[method](dieAt, items, { chunksize }))
        expect(results).toEqual([0, 1, 2, 3])
        expect(error).toBeInstanceOf(WorkerDiedError)
        expect(error).toMatchObject({ exitCode: 7 })
      }
      expect(await pool.map(square, [3])).toEqual([9])
    })

    suite.test(`${method}: terminate ends it with ClosedError, begun or not`, async (tools) => {
      const pool = new tools.mp.Pool(1)
      const started = new tools.mp.Value('int32', 0)
      const well = new Well(() => started)
      const iterators = [pool[method](block, well), pool[method](block, well), pool[method](block, well)]
      const requests = iterators.slice(0, 2).map((iterator) => thrown(() => iterator.next()))
      await tools.until(() => started.value === 1, 'the start of a task')
      await inTime(pool.terminate(), tools.within(2_000), 'the end of terminate()')
      for (const error of [...(await Promise.all(requests)), await thrown(() => iterators[2]?.next())]) {
        expect(error).toBeInstanceOf(ClosedError)
        expect(error).toMatchObject({ code: 'MP_CLOSED' })
      }
      expect(well.returned).toBe(2)
      expect(await iterators[0]?.next()).toEqual({ done: true, value: undefined })
      expect(await thrown(() => pool[method](square, [1]))).toBeInstanceOf(ClosedError)
    })

    suite.test(`${method}: close lets it go on to its end, and join does not wait for who reads it`, async ({ mp, within }) => {
      const pool = new mp.Pool(2)
      const begun = pool[method](square, new Well((n) => n, 200))
      const fresh = pool[method](square, new Well((n) => n, 200).later())
      const first = await begun.next()
      pool.close()
      expect(await thrown(() => pool[method](square, [1]))).toBeInstanceOf(ClosedError)
      await inTime(pool.join(), within(20_000), 'the join')
      const rest = await drain(begun)
      const all = [first.value as number, ...rest.results].sort((a, b) => a - b)
      expect(all).toEqual(numbers(200).map((n) => n * n))
      expect((await drain(fresh)).results.sort((a, b) => a - b)).toEqual(numbers(200).map((n) => n * n))
    })

    suite.test(`${method}: after close it can still be left`, async ({ mp, within }) => {
      const pool = new mp.Pool(1)
      const well = new Well((n) => n)
      const iterator = pool[method](square, well)
      await iterator.next()
      pool.close()
      await iterator.return()
      await inTime(pool.join(), within(20_000), 'the join')
      expect(well.returned).toBe(1)
    })

    suite.test(`${method}: one that nobody holds any more is ended`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const control = tools.abortController()
      const well = new Well((n) => n)
      await takeOne(pool[method](square, well, { signal: control.signal, timeout: 1e6 }))
      await tools.until(() => {
        ;(globalThis as { gc?: () => void }).gc?.()
        return well.returned === 1
      }, 'the end of the input')
    })
  }
}

async function takeOne(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.next()
}
