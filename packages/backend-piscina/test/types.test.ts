import { createContext, fromPiscina, piscina, tinypool } from '@multiproc/backend-piscina'
import * as onTinypool from '@multiproc/backend-piscina/tinypool'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { expect, test } from 'vitest'

test('pool.engine has the type of the engine, however the pool was made', async () => {
  await using one = createContext(piscina({ minThreads: 0 }))
  const pool = new one.Pool(2)
  expect(pool.engine.histogram.runTime.average).toBeTypeOf('number')

  await using two = createContext(tinypool({ minThreads: 0 }))
  expect(new two.Pool(2).engine.completed).toBe(0)
  expect(await new onTinypool.Pool(1).engine.recycleWorkers()).toBe(undefined)

  const existing = new Tinypool({ minThreads: 0 })
  expect(fromPiscina(existing).engine.cancelPendingTasks()).toBe(undefined)
  expect(fromPiscina(new Piscina({ minThreads: 0 })).engine.utilization).toBe(0)
})
