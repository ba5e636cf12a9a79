import { type Condition, type Lock, type Queue, type SharedArray, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** How a waiter's wait ended: its result, or the code of what it threw; and whether it had the lock then. */
export type Told = readonly [who: string, result: unknown, locked: boolean]

/** Acquires, says so, waits, and tells how that ended. Whoever gets the lock after its word finds it waiting. */
export const waitAndTell = task(
  import.meta,
  async function waitAndTell(condition: Condition, who: string, told: Queue<Told>, form: Form, timeout?: number) {
    if (form === 'async') {
      await condition.runExclusive(async () => {
        told.putSync([who, 'waits', condition.locked])
        const result = await condition.wait({ timeout }).catch(codeOf)
        told.putSync([who, result, condition.locked])
      })
      return
    }
    const guard = condition.acquireSync()
    told.putSync([who, 'waits', condition.locked])
    let result: unknown
    try {
      result = condition.waitSync({ timeout })
    } catch (error) {
      result = codeOf(error)
    }
    told.putSync([who, result, condition.locked])
    guard.release()
  },
)

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code ?? String(error)
}

/** Acquires, says so, and ends without releasing when it is told to. */
export const endHolding = task(import.meta, async function endHolding(condition: Condition, said: Queue, go: Queue) {
  condition.acquireSync()
  said.putSync('held')
  await go.get()
})

/** Holds the lock until it is told to let go. */
export const holdFor = task(import.meta, function holdFor(lock: Lock, said: Queue, go: Queue) {
  using _guard = lock.acquireSync()
  said.putSync('held')
  go.getSync()
})

/** CPython's `_test_waitfor_f`: says that it waits, until the state is what it wants. */
export const waitForState = task(
  import.meta,
  async function waitForState(condition: Condition, state: Value, wanted: number, form: Form): Promise<void> {
    const isThere = () => state.value === wanted
    if (form === 'sync') {
      condition.runExclusiveSync(() => {
        state.value = 0
        condition.notifyAll()
        condition.waitForSync(isThere)
      })
    } else {
      await condition.runExclusive(async () => {
        state.value = 0
        condition.notifyAll()
        await condition.waitFor(isThere)
      })
    }
  },
)

/** Notifies all, once it has the lock. */
export const notifyAll = task(import.meta, function notifyAll(condition: Condition) {
  condition.runExclusiveSync(() => condition.notifyAll())
})

/** A buffer of bounded size, as textbooks have it: `cells` hold how many items are in it, where the first one is, and the items. */
export interface Buffer {
  readonly cells: SharedArray<'int32'>
  readonly notEmpty: Condition
  readonly notFull: Condition
}

const COUNT = 0
const FIRST = 1
const CELLS = 2

/** Puts items; each adds 1 to the notifications that others are owed. */
export const produce = task(
  import.meta,
  async function produce({ cells, notEmpty, notFull }: Buffer, from: number, items: number, form: Form) {
    const size = cells.length - CELLS
    const hasRoom = () => (cells[COUNT] as number) < size
    const put = (item: number) => {
      cells[CELLS + (((cells[FIRST] as number) + (cells[COUNT] as number)) % size)] = item
      cells[COUNT] = (cells[COUNT] as number) + 1
      notEmpty.notify()
    }
    for (let item = from; item < from + items; item++) {
      if (form === 'sync') {
        notFull.acquireSync()
        notFull.waitForSync(hasRoom)
      } else {
        await notFull.acquire()
        await notFull.waitFor(hasRoom)
      }
      put(item)
      notFull.release()
    }
  },
)

/** Takes items and marks each. */
export const consume = task(
  import.meta,
  async function consume({ cells, notEmpty, notFull }: Buffer, marks: SharedArray<'uint8'>, items: number, form: Form) {
    const size = cells.length - CELLS
    const hasItem = () => (cells[COUNT] as number) > 0
    const take = (): number => {
      const first = cells[FIRST] as number
      cells[FIRST] = (first + 1) % size
      cells[COUNT] = (cells[COUNT] as number) - 1
      notFull.notify()
      return cells[CELLS + first] as number
    }
    for (let n = 0; n < items; n++) {
      if (form === 'sync') {
        notEmpty.acquireSync()
        notEmpty.waitForSync(hasItem)
      } else {
        await notEmpty.acquire()
        await notEmpty.waitFor(hasItem)
      }
      const item = take()
      notEmpty.release()
      Atomics.add(marks as unknown as Uint8Array, item, 1)
    }
  },
)

/** Acquires, notifies one, says so, and ends without releasing when it is told to. */
export const notifyAndEnd = task(import.meta, async function notifyAndEnd(condition: Condition, said: Queue, go: Queue) {
  condition.acquireSync()
  condition.notify()
  said.putSync('notified')
  await go.get()
})
