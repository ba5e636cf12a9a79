import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Line } from '../src/sync/async-waiters.js'
import type { Suspending } from '../src/sync/suspend.js'
import { WaitingRoom } from './support/waiting-room.js'

const words = new Int32Array(2)

let room: WaitingRoom
beforeEach(() => {
  room = new WaitingRoom()
})
afterEach(() => expect(room.close()).toEqual({ pending: 0, timers: 0, holds: false }))

describe('a line', () => {
  test('is first in, first out, and only its first is started', async () => {
    for (const name of 'abcd') room.wait(name)
    expect(room.told).toEqual({ a: ['started'] })
    await room.give(1)
    expect([room.ends, Object.keys(room.told)]).toEqual([[['a', 1]], ['a', 'b']])
    // One bell may stand for many tokens.
    await room.give(2, 3)
    await room.give()
    expect([room.ends.slice(1), room.told.d, room.waiters.pending]).toEqual([
      [
        ['b', 2],
        ['c', 3],
      ],
      ['started', 'woken'],
      1,
    ])
    await room.give(4)
    expect(room.ends.at(-1)).toEqual(['d', 4])
  })

  test('waits for its own: others go on', async () => {
    const lines = [room.line, new Line(), new Line()]
    for (const [n, on] of lines.entries()) room.wait(`first of ${n}`, { on })
    room.wait('second of 0')
    await room.give(1)
    expect(room.ends).toEqual([['first of 0', 1]])
    await room.give(2, 3, 4)
    expect(room.ends.map(([name]) => name).sort()).toEqual(['first of 0', 'first of 1', 'first of 2', 'second of 0'])
    expect(lines.every((one) => one.isEmpty)).toBe(true)
  })

  test('goes on behind one whose wait room.ends with an error', async () => {
    const failing = (function* (): Suspending<number> {
      yield { words, at: 0, ticket: 0, tick: 0 }
      throw new RangeError('its own')
    })()
    const failed = room.waiters.run(room.line, failing, Number.POSITIVE_INFINITY, undefined).catch((error: unknown) => error)
    room.wait('next')
    await room.give(1)
    expect([await failed, room.ends]).toEqual([new RangeError('its own'), [['next', 1]]])
  })
})

test('ticks come to those that ask for them, as long as one does', async () => {
  room.wait('ticked', { tick: 50 })
  room.wait('other', { on: new Line() })
  await vi.advanceTimersByTimeAsync(160)
  expect([room.told.ticked, room.told.other]).toEqual([['started', 'tick', 'tick', 'tick'], ['started']])
  await room.give(1, 2)
  await vi.advanceTimersByTimeAsync(60)
  expect(vi.getTimerCount()).toBe(0)
  room.wait('later', { tick: 50 })
  await vi.advanceTimersByTimeAsync(60)
  expect(room.told.later).toEqual(['started', 'tick'])
  await room.give(3)
  await vi.advanceTimersByTimeAsync(60)
})

test('the process is held while something waits, and not by what is done', async () => {
  room.tokens.push(1)
  room.wait('at once')
  room.wait('a')
  room.wait('b', { on: new Line(), timeout: 10 })
  expect(room.holds).toEqual([true, false, true])
  await vi.advanceTimersByTimeAsync(11)
  expect(room.holds.at(-1)).toBe(true)
  await room.give(2)
  expect(room.holds).toEqual([true, false, true, false])
})

test('closing rejects all that waits, first or not, and what comes after', async () => {
  const { signal } = new AbortController()
  room.wait('a', { timeout: 100, signal, tick: 50 })
  room.wait('b', { timeout: 200, signal })
  room.wait('c', { on: new Line() })
  room.waiters.close(new Error('closed'))
  room.wait('d')
  await vi.advanceTimersByTimeAsync(1000)
  expect(room.ends.map(([name, end]) => [name, (end as Error).message]).sort()).toEqual(
    [...'abcd'].map((name) => [name, 'closed']),
  )
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
