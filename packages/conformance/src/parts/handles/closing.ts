import { ClosedError, createContext } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'

/** What becomes of objects when their context is closed. */
export function closing(suite: Suite): void {
  suite.test('whatever is done with an object of a closed context is a ClosedError', async (tools) => {
    const mp = createContext(tools.mp.backend)
    const [lock, rlock, queue] = [new mp.Lock(), new mp.RLock(), new mp.Queue()]
    const [map, list] = [new mp.SharedMap([['a', 1]]), new mp.SharedList([1])]
    const [semaphore, event] = [new mp.Semaphore(2), new mp.Event()]
    const [value, float] = [new mp.Value('int32', 3), new mp.Value('float64', 3)]
    const [joinable, simple, [end]] = [new mp.JoinableQueue(), new mp.SimpleQueue(), mp.Pipe()]
    const pool = new mp.Pool(1)
    const child = new mp.Process({ target: () => {} })
    const guard = lock.acquireSync()
    const permit = semaphore.acquireSync()
    await mp.close()
    await mp.close()
    guard.release()
    end.close()
    permit.release()
    const uses: Record<string, () => unknown> = {
      'lock.acquire': () => lock.acquire(),
      'lock.acquireSync': () => lock.acquireSync(),
      'lock.tryAcquire': () => lock.tryAcquire(),
      'lock.release': () => lock.release(),
      'lock.locked': () => lock.locked,
      'lock.recoverSync': () => lock.recoverSync(),
      'rlock.acquire': () => rlock.acquire(),
      'rlock.acquireSync': () => rlock.acquireSync(),
      'rlock.tryAcquire': () => rlock.tryAcquire(),
      'rlock.release': () => rlock.release(),
      'semaphore.acquire': () => semaphore.acquire(),
      'semaphore.acquireSync': () => semaphore.acquireSync(),
      'semaphore.tryAcquire': () => semaphore.tryAcquire(),
      'semaphore.release': () => semaphore.release(),
      'semaphore.value': () => semaphore.value,
      'semaphore.locked': () => semaphore.locked,
      'event.wait': () => event.wait(),
      'event.waitSync': () => event.waitSync(),
      'event.set': () => event.set(),
      'event.clear': () => event.clear(),
      'event.isSet': () => event.isSet,
      'value.value': () => value.value,
      'value.value =': () => {
        value.value = 4
      },
      'value.add': () => value.add(1),
      'float.add': () => float.add(1),
      'value.and': () => value.and(1),
      'value.exchange': () => value.exchange(1),
      'value.runExclusiveSync': () => value.runExclusiveSync(() => {}),
      'queue.put': () => queue.put(1),
      'queue.putSync': () => queue.putSync(1),
      'queue.tryPut': () => queue.tryPut(1),
      'queue.get': () => queue.get(),
      'queue.getSync': () => queue.getSync(),
      'queue.tryGet': () => queue.tryGet(),
      'queue.size': () => queue.size,
      'queue.empty': () => queue.empty,
      'queue.shutdown': () => queue.shutdown(),
      'joinable.taskDone': () => joinable.taskDone(),
      'joinable.join': () => joinable.join(),
      'joinable.joinSync': () => joinable.joinSync(),
      'joinable.shutdown': () => joinable.shutdown({ immediate: true }),
      'simple.put': () => simple.put(1),
      'simple.getSync': () => simple.getSync(),
      'simple.empty': () => simple.empty,
      'connection.send': () => end.send(1),
      'connection.sendSync': () => end.sendSync(1),
      'connection.recv': () => end.recv(),
      'connection.recvSync': () => end.recvSync(),
      'connection.poll': () => end.poll(),
      'connection.pollSync': () => end.pollSync(),
      wait: () => mp.wait([queue]),
      Pipe: () => mp.Pipe(),
      'new JoinableQueue': () => new mp.JoinableQueue(),
      'map.size': () => map.size,
      'map.get': () => map.get('a'),
      'map.has': () => map.has('a'),
      'map.set': () => map.set('a', 2),
      'map.delete': () => map.delete('a'),
      'map.update': () => map.update('a', () => 2),
      'map.clear': () => map.clear(),
      'map.keys': () => map.keys(),
      'map.values': () => map.values(),
      'map.entries': () => map.entries(),
      'list.length': () => list.length,
      'list.get': () => list.get(0),
      'list.set': () => list.set(0, 2),
      'list.push': () => list.push(2),
      'list.pop': () => list.pop(),
      'list.insert': () => list.insert(0, 2),
      'list.delete': () => list.delete(0),
      'list.update': () => list.update(0, () => 2),
      'list.slice': () => list.slice(),
      'list.clear': () => list.clear(),
      'for of list': () => [...list],
      'pool.map': () => pool.map((n: number) => n, [1]),
      'child.start': () => child.start(),
      'new Lock': () => new mp.Lock(),
      'new SharedMap': () => new mp.SharedMap(),
      'new SharedList': () => new mp.SharedList(),
      'new Semaphore': () => new mp.Semaphore(),
      'new BoundedSemaphore': () => new mp.BoundedSemaphore(),
      'new Event': () => new mp.Event(),
      'new Pool': () => new mp.Pool(1),
      'new Array': () => new mp.Array('int8', 1),
    }
    for (const [what, use] of Object.entries(uses)) expect(await thrown(use), what).toBeInstanceOf(ClosedError)
  })
}
