import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Line } from '../src/sync/async-waiters.js'
import { WaitingRoom } from './support/waiting-room.js'

let room: WaitingRoom
beforeEach(() => {
  room = new WaitingRoom()
})
afterEach(() => expect(room.close()).toEqual({ pending: 0, timers: 0, holds: false }))

describe('a timeout', () => {
  test('room.ends each wait at its own time, wherever in the line, never early', async () => {
    const timeouts = { a: 300, b: 100, c: 200.5, d: 100 }
    for (const [name, timeout] of Object.entries(timeouts)) room.wait(name, { timeout })
    room.wait('e')
    const past = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms - performance.now())
      return room.ends.map(([name, end]) => `${name} ${end}`)
    }
    expect(await past(99)).toEqual([])
    expect(await past(101)).toEqual(['b too late', 'd too late'])
    expect(await past(200)).toHaveLength(2)
    expect(await past(202)).toEqual(['b too late', 'd too late', 'c too late'])
    expect(await past(301)).toHaveLength(4)
    expect([room.told.c, room.told.e]).toEqual([['started', 'expired'], ['started']])
    await room.give(7)
    expect(room.ends.at(-1)).toEqual(['e', 7])
  })

  test('that finds a token takes it', async () => {
    room.wait('a', { timeout: 50 })
    room.tokens.push(1)
    await vi.advanceTimersByTimeAsync(51)
    expect(room.ends).toEqual([['a', 1]])
  })

  test('of more than 2^31-1 ms is as long as it says', async () => {
    const timeout = 2 ** 33
    room.wait('a', { timeout })
    await vi.advanceTimersByTimeAsync(2 ** 31 + 1000)
    await vi.advanceTimersByTimeAsync(timeout - performance.now() - 1)
    expect(room.ends).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(room.ends).toEqual([['a', 'too late']])
  })

  test('never comes when the token came before', async () => {
    room.wait('a', { timeout: 100 })
    await room.give(1)
    await vi.advanceTimersByTimeAsync(1000)
    expect([room.ends, room.told.a]).toEqual([[['a', 1]], ['started', 'woken']])
  })
})

describe('an abort', () => {
  test('takes the waiter out of the line: told if it had started, and else never started', async () => {
    const [first, second] = [new AbortController(), new AbortController()]
    room.wait('a', { signal: first.signal, timeout: 1000 })
    room.wait('b', { signal: second.signal, timeout: 1000 })
    room.wait('c')
    room.tokens.push(1)
    second.abort('of b')
    await vi.advanceTimersByTimeAsync(0)
    expect([room.ends, Object.keys(room.told)]).toEqual([[['b', 'of b']], ['a']])
    first.abort('of a')
    await vi.advanceTimersByTimeAsync(0)
    // The next one starts at once, and finds what is there.
    expect([room.ends.slice(1), room.told.a]).toEqual([
      [
        ['a', 'of a'],
        ['c', 1],
      ],
      ['started', 'aborted'],
    ])
  })

  test('of a signal that a thousand share is heard by one listener, gone when nobody waits', async () => {
    const shared = new AbortController()
    const lines = Array.from({ length: 10 }, () => new Line())
    const listeners = () => getEventListeners(shared.signal, 'abort').length
    for (let n = 0; n < 1000; n++) room.wait(`${n}`, { signal: shared.signal, on: lines[n % 10] as Line })
    expect(listeners()).toBe(1)
    await room.give(...Array.from({ length: 999 }, (_, n) => n))
    expect([room.ends.length, listeners()]).toEqual([999, 1])
    await room.give(999)
    expect(listeners()).toBe(0)
    for (let n = 0; n < 100; n++) room.wait('again', { signal: shared.signal, on: lines[n % 10] as Line })
    expect(listeners()).toBe(1)
    shared.abort('all')
    await vi.advanceTimersByTimeAsync(0)
    expect([room.ends.slice(1000).every(([, end]) => end === 'all'), room.ends.length, listeners()]).toEqual([true, 1100, 0])
  })

  test('or a timeout after the end of the wait does nothing', async () => {
    const controller = new AbortController()
    room.wait('a', { signal: controller.signal, timeout: 10 })
    await room.give(1)
    controller.abort('too late')
    await vi.advanceTimersByTimeAsync(20)
    expect(room.ends).toEqual([['a', 1]])
  })
})
