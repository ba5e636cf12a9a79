import { createContext, NotSupportedError, threads } from '@multiproc/backend-threads'
import { expect, test } from 'vitest'

test('what a backend says that it cannot do is refused at the call', async () => {
  const backend = threads()
  await using mp = createContext({ ...backend, capabilities: { ...backend.capabilities, sync: false } })
  const [lock, rlock, value, queue] = [new mp.Lock(), new mp.RLock(), new mp.Value('int32'), new mp.Queue()]
  const pool = new mp.Pool(1)
  const one = new mp.Process({ target: () => {} }).start()
  const blocking = [
    () => lock.acquireSync(),
    () => lock.runExclusiveSync(() => {}),
    () => rlock.acquireSync(),
    () => value.runExclusiveSync(() => {}),
    () => queue.putSync(1),
    () => queue.getSync(),
    () => pool.mapSync((n: number) => n, [1]),
    () => pool.applySync(() => 1),
    () => one.joinSync(),
  ]
  for (const call of blocking) expect(call, String(call)).toThrow(NotSupportedError)
  expect(await lock.runExclusive(() => 5)).toBe(5)
  expect(await pool.map((n: number) => n + 1, [1, 2])).toEqual([2, 3])
  expect(await one.join()).toBe(0)
})
