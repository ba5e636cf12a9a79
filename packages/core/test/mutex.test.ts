import { beforeEach, describe, expect, test } from 'vitest'
import { Acquired, FREE, isHeld, lockSlow, MUTEX_WORDS, RESERVED, tryLockSlow } from '../src/sync/mutex.js'
import { type Resumption, type Suspending, syncWaiter, TICK_MS } from '../src/sync/suspend.js'
import { TestPort } from './support/test-port.js'

describe('a lock that is reserved for another', () => {
  const THEIRS = 7
  let words: Int32Array
  let port: TestPort
  let wait: Suspending<Acquired>

  beforeEach(() => {
    words = new Int32Array(new SharedArrayBuffer(MUTEX_WORDS * 4))
    words[0] = RESERVED | THEIRS
    port = new TestPort(1024 + 3)
    wait = lockSlow(port, words, 0, syncWaiter(port), false)
    expect(wait.next()).toMatchObject({ done: false, value: { tick: TICK_MS } })
  })

  /** How often it is resumed so before it has the lock; at most ten times. */
  function takenAfter(...resumptions: Resumption[]): number {
    for (let n = 1; n <= 10; n++) {
      const step = wait.next(resumptions[(n - 1) % resumptions.length] as Resumption)
      if (step.done) {
        expect([step.value, words[0]]).toEqual([Acquired.yes, port.tag])
        return n
      }
    }
    return Number.POSITIVE_INFINITY
  }

  test('is taken at the first tick where nobody lives behind that bell', () => {
    port.dead.add(THEIRS)
    expect(takenAfter('tick')).toBe(1)
  })

  test('is left to one who lives for some ticks, and not for ever', () => {
    expect(takenAfter('tick')).toBe(5)
  })

  test('is not taken by who only woke', () => {
    port.dead.add(THEIRS)
    expect(takenAfter('woken')).toBe(Number.POSITIVE_INFINITY)
    expect([isHeld(words, 0), words[0]]).toEqual([false, RESERVED | THEIRS])
  })

  test('who woke in between goes on counting', () => {
    expect(takenAfter('tick', 'woken')).toBe(9)
  })

  test('has its ticks anew at each turn', () => {
    for (let n = 0; n < 4; n++) wait.next('tick')
    words[0] = RESERVED | (THEIRS + 1)
    expect(takenAfter('tick')).toBe(5)
  })

  test('is had by who only tries where nobody lives behind that bell, or it is their own', () => {
    const other = new TestPort(1024 + 4)
    expect(tryLockSlow(other, words, 0, false)).toBe(Acquired.no)
    other.dead.add(THEIRS)
    expect([tryLockSlow(other, words, 0, false), words[0]]).toEqual([Acquired.yes, other.tag])
    words[0] = RESERVED | THEIRS
    const own = new TestPort(1024 + THEIRS)
    expect([tryLockSlow(own, words, 0, false), words[0]]).toEqual([Acquired.yes, own.tag])
  })

  test('is had by who has run out of time where nobody lives behind that bell', () => {
    port.dead.add(THEIRS)
    expect(wait.next('expired')).toEqual({ done: true, value: Acquired.yes })
    expect(words[0]).toBe(port.tag)
  })

  test('is not had by who has run out of time where somebody does', () => {
    expect(wait.next('expired')).toEqual({ done: true, value: Acquired.no })
    expect(words[0]).toBe(RESERVED | THEIRS)
  })

  test('is taken at once where it is free', () => {
    words[0] = FREE
    expect(takenAfter('woken')).toBe(1)
  })
})
