import { NotCloneableError, type Queue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { uncloneable } from '../../support/uncloneable.js'

/** Where it may stand, and the path that names the place. */
const PLACES: readonly [path: string, put: (it: unknown) => unknown][] = [
  ['item', (it) => it],
  ['item.onClick', (it) => ({ onClick: it })],
  ['item[1]', (it) => [1, it]],
  ['item.rows[2].cell', (it) => ({ rows: [0, 1, { cell: it }] })],
  ['item["not a name"]', (it) => ({ 'not a name': it })],
]

/** A NotCloneableError at the call, naming the path, with nothing taken. */
export function refusal(suite: Suite): void {
  for (const [kind, make] of Object.entries(uncloneable)) {
    suite.test(`${kind} is refused at the call, and nothing is put`, ({ mp }) => {
      const queue = new mp.Queue<unknown>()
      queue.tryPut('before')
      for (const call of putsOf(queue, suite)) expectRefused(() => call(make()), 'item')
      expect([queue.size, queue.tryGet(), queue.tryGet()]).toEqual([1, 'before', undefined])
    })
  }

  suite.test('the error names the path', ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    for (const [path, place] of PLACES) {
      for (const call of putsOf(queue, suite)) expectRefused(() => call(place(() => {})), path)
    }
    expect(queue.size).toBe(0)
  })

  suite.test('within a Map, a Set or an error too', ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    const it = () => {}
    for (const item of [new Map([['k', it]]), new Map([[it, 1]]), new Set([it]), { deep: [new Map([[1, [it]]])] }]) {
      const error = thrownAtOnce(() => queue.tryPut(item)) as NotCloneableError
      expect(error).toBeInstanceOf(NotCloneableError)
      expect(error.path.startsWith('item')).toBe(true)
      expect(error.path.length).toBeGreaterThan('item'.length)
    }
    expect(queue.size).toBe(0)
  })

  suite.test('a getter that throws is the cause', ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    const trouble = new Error('no value today')
    const item = {
      get value() {
        throw trouble
      },
    }
    for (const call of putsOf(queue, suite)) {
      const error = expectRefused(() => call({ item }), 'item.item.value')
      expect(error.cause).toBe(trouble)
    }
    expect(queue.size).toBe(0)
  })

  suite.test('a full queue does not hide it', ({ mp }) => {
    const queue = new mp.Queue<unknown>(1)
    queue.tryPut('first')
    for (const call of putsOf(queue, suite)) expectRefused(() => call(() => {}), 'item')
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['first', undefined])
  })

  suite.test('after a refusal the queue goes on, large items and handles in the refused one included', async ({ mp }) => {
    const queue = new mp.Queue<unknown>(2)
    const value = new mp.Value('int32', 1)
    for (let n = 0; n < 50; n++) {
      expectRefused(() => queue.tryPut({ value, bytes: new Uint8Array(100_000), last: () => {} }), 'item.last')
    }
    await queue.put({ value })
    expect(((await queue.get()) as { value: typeof value }).value.add(1)).toBe(1)
    expect(queue.size).toBe(0)
  })
}

function putsOf(queue: Queue<unknown>, suite: Suite): ((item: unknown) => unknown)[] {
  const puts = [(item: unknown) => queue.put(item), (item: unknown) => queue.tryPut(item)]
  return suite.capabilities.sync ? [...puts, (item) => queue.putSync(item)] : puts
}

function expectRefused(call: () => unknown, path: string): NotCloneableError {
  const error = thrownAtOnce(call) as NotCloneableError
  expect(error).toBeInstanceOf(NotCloneableError)
  expect(error).toMatchObject({ code: 'MP_NOT_CLONEABLE', name: 'NotCloneableError', path })
  expect(error.message).toContain(path)
  return error
}
