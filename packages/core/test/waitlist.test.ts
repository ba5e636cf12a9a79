import { beforeEach, describe, expect, test } from 'vitest'
import {
  ALL,
  ARMED,
  BELLS,
  enlist,
  GATE,
  isAwaited,
  lower,
  name,
  WAITLIST_WORDS,
  wake,
  wakeSleepers,
  withdraw,
} from '../src/sync/waitlist.js'
import { TestPort } from './support/test-port.js'

/** Where the waitlist under test lies. */
const AT = 5
let words: Int32Array
let one: TestPort
let other: TestPort

beforeEach(() => {
  words = new Int32Array(new SharedArrayBuffer((AT + WAITLIST_WORDS + 1) * 4)).fill(0x55)
  words.fill(0, AT, AT + WAITLIST_WORDS)
  one = new TestPort(1024 + 1)
  other = new TestPort(1024 + 2)
})

const gate = () => words[AT + GATE] as number
const bells = () => words[AT + BELLS] as number
/** Whether one with this ticket would fall asleep. */
const sleeps = (port: TestPort, ticket: number) => port.wait(words, AT + GATE, ticket) === 'timed-out'

test('nothing is touched where nobody waits', () => {
  const before = words.slice()
  wake(one, words, AT, 1)
  wake(one, words, AT, ALL)
  expect([isAwaited(words, AT), wakeSleepers(one, words, AT, 1), one.calls]).toEqual([false, 0, []])
  expect(words).toEqual(before)
})

describe('sleepers', () => {
  test('arm the gate once, and sleep until it moves', () => {
    const tickets = [enlist(one, words, AT, true), enlist(other, words, AT, true), enlist(one, words, AT, true)]
    expect(tickets).toEqual([ARMED, ARMED, ARMED])
    expect([isAwaited(words, AT), bells(), sleeps(one, ARMED)]).toEqual([true, 0, true])
    other.asleep.set(AT, 2)
    wake(other, words, AT, 1)
    expect([other.calls, gate(), isAwaited(words, AT)]).toEqual([[[AT, 1]], 2 | ARMED, true])
    // Who had its ticket and was not yet asleep looks again.
    expect(sleeps(one, ARMED)).toBe(false)
    wake(other, words, AT, ALL)
    expect([other.calls[1], gate()]).toEqual([[AT, ALL], 4 | ARMED])
  })

  test('that are no longer there let the gate be disarmed, and whoever fell asleep meanwhile is notified', () => {
    enlist(one, words, AT, true)
    wake(other, words, AT, 1)
    expect([other.calls, gate() & ARMED]).toEqual([
      [
        [AT, 1],
        [AT, ALL],
      ],
      0,
    ])
    expect([sleeps(one, ARMED), sleeps(one, 2 | ARMED), isAwaited(words, AT)]).toEqual([false, false, false])
    wake(other, words, AT, 1)
    expect(other.calls.length).toBe(2)
    // The gate is armed anew, and the former tickets stay void.
    const ticket = enlist(one, words, AT, true)
    expect([ticket & ARMED, sleeps(one, ticket), sleeps(one, ARMED)]).toEqual([ARMED, true, false])
  })

  test('that come between the notification and the disarming keep the gate armed', () => {
    enlist(one, words, AT, true)
    const { notify } = other
    other.notify = (...args) => {
      // Another notifier is faster.
      wake(one, words, AT, 1)
      enlist(one, words, AT, true)
      other.notify = notify
      return other.notify(...args)
    }
    wake(other, words, AT, 1)
    expect([isAwaited(words, AT), sleeps(one, gate())]).toEqual([true, true])
  })

  test.each([0x7ffffffc, -4])('are told apart by a gate that counts past %i', (start) => {
    words[AT + GATE] = start
    const seen = new Set<number>()
    for (let n = 0; n < 4; n++) {
      const ticket = enlist(one, words, AT, true)
      expect([seen.has(ticket), ticket & ARMED, sleeps(one, ticket)]).toEqual([false, ARMED, true])
      seen.add(ticket)
      other.asleep.set(AT, 1)
      wake(other, words, AT, 1)
      expect(sleeps(one, ticket)).toBe(false)
    }
    other.asleep.set(AT, 0)
    wake(other, words, AT, 1)
    expect(gate() & ARMED).toBe(0)
  })
})

describe('bells', () => {
  test('stay up, and ring at each wake, until they are taken down', () => {
    const tickets = [enlist(one, words, AT, false), enlist(other, words, AT, false)]
    expect([tickets, bells(), gate(), isAwaited(words, AT)]).toEqual([[0, 0], one.bell | other.bell, 0, true])
    wake(one, words, AT, 1)
    wake(one, words, AT, ALL)
    withdraw(other, words, AT)
    wake(one, words, AT, 1)
    expect(one.calls).toEqual([one.bell | other.bell, one.bell | other.bell, one.bell])
    withdraw(one, words, AT)
    wake(one, words, AT, 1)
    expect([one.calls.length, other.calls, isAwaited(words, AT)]).toEqual([3, [], false])
  })

  test('of agents 31 and 0 are bits like the others', () => {
    const ports = [new TestPort(1024 + 31), new TestPort(2048), one]
    for (const port of ports) name(port, words, AT)
    expect(bells()).toBe((1 << 31) | 1 | 2)
    withdraw(ports[0] as TestPort, words, AT)
    expect(bells()).toBe(1 | 2)
    lower(one, words, AT, 0)
    expect([bells(), one.calls]).toEqual([2, [1]])
  })

  test('that are shared ring for the others behind them when one takes them down', () => {
    name(one, words, AT)
    one.sharesBell = true
    withdraw(one, words, AT)
    expect([bells(), one.calls]).toEqual([0, [one.bell]])
  })

  test('ring beside the sleepers, and whatever the sleepers do', () => {
    enlist(one, words, AT, true)
    enlist(other, words, AT, false)
    one.asleep.set(AT, 1)
    wake(one, words, AT, 1)
    wake(one, words, AT, 1)
    expect(one.calls).toEqual([[AT, 1], other.bell, [AT, 1], [AT, ALL], other.bell])
  })
})

test('neighbouring words are left alone', () => {
  const around = () => [...words.slice(0, AT), ...words.slice(AT + WAITLIST_WORDS)]
  const before = around()
  for (const isSync of [true, false]) enlist(one, words, AT, isSync)
  wake(other, words, AT, 1)
  withdraw(one, words, AT)
  expect(around()).toEqual(before)
})
