import {
  ClosedError,
  type Context,
  NotCloneableError,
  type SharedMemory,
  type SharedMemoryOptions,
  StateError,
} from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** Creating, attaching, unlinking: as Python tests its own. */
export function names(suite: Suite): void {
  suite.test('created with a name, it has that name, its size, and zeros', ({ mp }) => {
    using shared = made(mp, { name: `mp-test-${process.pid}`, size: 512 })
    expect([shared.name, shared.size, shared.buf.length, shared.buf.every((byte) => byte === 0)]).toEqual([
      `mp-test-${process.pid}`,
      512,
      512,
      true,
    ])
    expect([shared.buf instanceof Uint8Array, shared.buf === shared.buf.subarray()]).toEqual([true, false])
    expect(shared instanceof mp.SharedMemory).toBe(true)
    shared.unlink()
  })

  suite.test('sizes are exact, from one byte; who attaches need not know them', ({ mp }) => {
    for (const size of [1, 7, 4_095, 4_096, 4_097, 100_000, 70_000_000]) {
      using shared = made(mp, { size })
      shared.buf[size - 1] = 9
      using again = new mp.SharedMemory({ name: shared.name, size: 3 })
      expect([again.size, again.buf.length, again.buf[size - 1], again.buf[size]]).toEqual([size, size, 9, undefined])
      shared.unlink()
    }
  })

  suite.test('without a name it gets one of its own', ({ mp }) => {
    const all = Array.from({ length: 5 }, () => made(mp, { size: 1 }))
    expect(new Set(all.map(({ name }) => name)).size).toBe(5)
    for (const one of all) {
      expect(one.name).toMatch(/^psm_/)
      one.unlink()
    }
  })

  suite.test('creating a name that is taken is a StateError, and leaves it as it is', ({ mp }) => {
    using shared = made(mp, { size: 10 })
    shared.buf[0] = 5
    const error = thrownAtOnce(() => made(mp, { name: shared.name, size: 20 }))
    expect(error).toMatchObject({ constructor: StateError, code: 'MP_STATE', cause: { code: 'EEXIST' } })
    expect([shared.size, shared.buf[0], new mp.SharedMemory({ name: shared.name }).buf[0]]).toEqual([10, 5, 5])
    shared.unlink()
  })

  suite.test('attaching to, and unlinking, what is not there is a StateError', ({ mp }) => {
    using shared = made(mp, { size: 10 })
    shared.unlink()
    const missing = { constructor: StateError, code: 'MP_STATE', cause: { code: 'ENOENT' } }
    expect(thrownAtOnce(() => new mp.SharedMemory({ name: shared.name }))).toMatchObject(missing)
    expect(thrownAtOnce(() => shared.unlink())).toMatchObject(missing)
  })

  suite.test('after unlink the bytes are still there, and the name can be used again', ({ mp }) => {
    using shared = made(mp, { size: 10 })
    using attached = new mp.SharedMemory({ name: shared.name })
    shared.unlink()
    shared.buf[3] = 4
    expect(attached.buf[3]).toBe(4)
    using other = made(mp, { name: shared.name, size: 20 })
    expect([other.buf[3], other.size, attached.size]).toEqual([0, 20, 10])
    other.unlink()
  })

  suite.test('after close it is a ClosedError here, views stay safe, and the memory is there', ({ mp }) => {
    const shared = made(mp, { size: 5_000 })
    const { buf, name } = shared
    buf.fill(3)
    shared.close()
    shared.close()
    shared[Symbol.dispose]()
    expect(thrownAtOnce(() => shared.buf)).toBeInstanceOf(ClosedError)
    ;(globalThis as { gc?: () => void }).gc?.()
    expect(buf[4_999]).toBe(3)
    buf[4_999] = 8
    using again = new mp.SharedMemory({ name })
    expect([again.buf[0], again.buf[4_999], shared.name, shared.size]).toEqual([3, 8, name, 5_000])
    shared.unlink()
  })

  suite.test('what can be no name or size is refused at the call, and nothing is made', ({ mp }) => {
    const types: SharedMemoryOptions[] = [
      ...[5, null, '', '.', '..', 'a/b', '/a', 'a\0b', 'x'.repeat(251), 'ü'.repeat(126)].map((name) => ({
        name: name as never,
        create: true,
        size: 1,
      })),
      { create: true },
      { create: true, size: '10' as never },
      { create: true, size: null as never },
      { create: 1 as never, size: 10 },
      { size: 10 },
      {},
    ]
    for (const options of types)
      expect(
        thrownAtOnce(() => new mp.SharedMemory(options)),
        JSON.stringify(options),
      ).toBeInstanceOf(TypeError)
    for (const options of [undefined, null, 5, 'name'] as never[])
      expect(thrownAtOnce(() => new mp.SharedMemory(options))).toBeInstanceOf(TypeError)
    const name = `mp-refused-${process.pid}`
    for (const size of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 33]) {
      expect(
        thrownAtOnce(() => made(mp, { name, size })),
        String(size),
      ).toBeInstanceOf(RangeError)
    }
    expect(thrownAtOnce(() => new mp.SharedMemory({ name }))).toBeInstanceOf(StateError)
  })

  suite.test('it does not travel: a NotCloneableError that says to send the name', async ({ mp }) => {
    using shared = made(mp, { size: 10 })
    const queue = new mp.Queue()
    const error = thrownAtOnce(() => queue.put({ shared }))
    expect(error).toMatchObject({ constructor: NotCloneableError, path: 'item.shared' })
    expect((error as Error).message).toContain('name')
    shared.unlink()
    const closed = (await import('@multiproc/core')).createContext(mp.backend)
    await closed.close()
    expect(await thrown(() => new closed.SharedMemory({ create: true, size: 1 }))).toBeInstanceOf(ClosedError)
  })
}

function made(mp: Context, options: SharedMemoryOptions): SharedMemory {
  return new mp.SharedMemory({ ...options, create: true })
}
