import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makePlain } from './support/holdings.js'
import { TestFamily } from './support/test-family.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('a collection that took long is not followed by another one soon; the end of the agent does not wait for that', () => {
  const { first } = new TestFamily()
  const collected = vi.spyOn(first.ledger, 'ids').mockImplementation(() => {
    vi.advanceTimersByTime(1_000)
    return []
  })
  first.collectGarbage()
  first.scheduleCollection()
  vi.advanceTimersByTime(8_900)
  expect([collected.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1])
  first.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('nor for the collection after a quiet while', () => {
  const { first } = new TestFamily()
  const { id } = makePlain(first)
  first.forget([id])
  expect(vi.getTimerCount()).toBe(1)
  first.close()
  expect(vi.getTimerCount()).toBe(0)
})
