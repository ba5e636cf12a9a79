import { beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { COLLECTOR_MUTEX_AT } from '../src/memory/layout.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { Holder, isThere, makeMoment, makePlain, seenBy } from './support/holdings.js'
import { bytes } from './support/ring.js'
import { TestFamily } from './support/test-family.js'

let family: TestFamily
let first: Agent
let other: Agent
beforeEach(() => {
  family = new TestFamily()
  first = family.first
  other = family.join()
})

const blocks = () => first.heap.usage().blocks

describe('an object', () => {
  test('that never travelled is its owner’s affair, until that one is gone', () => {
    const mine = first.allocate(1, 100)
    first.heap.setOwner(other.allocate(1, 50_000).address, other.tag)
    first.collectGarbage()
    expect([blocks(), mine.id]).toEqual([2, 0])
    family.end(other)
    first.collectGarbage()
    // Dead, but whoever started it has not done with it: its slot is still there.
    expect(blocks()).toBe(2)
    family.bury(other)
    first.collectGarbage()
    expect([blocks(), first.heap.owner(mine.address)]).toEqual([1, first.tag])
  })

  test('that travelled is there as long as anyone holds it', () => {
    const one = makePlain(first)
    other.ledger.hold(one.id)
    const third = family.join()
    third.ledger.hold(one.id)
    const left: boolean[] = []
    for (const end of [() => first.ledger.release(one.id), () => family.bury(other), () => third.ledger.release(one.id)]) {
      other.collectGarbage()
      left.push(isThere(first, one))
      end()
    }
    expect([left, isThere(first, one)]).toEqual([[true, true, true], true])
    first.collectGarbage()
    expect([isThere(first, one), blocks()]).toEqual([false, 0])
  })

  test('in a queue is there as long as the queue, or its item', () => {
    const [queue, one] = [new Holder(first), makePlain(first)]
    queue.put(one.id)
    first.ledger.release(one.id)
    for (let n = 0; n < 3; n++) first.collectGarbage()
    expect(isThere(first, one)).toBe(true)
    const theirs = new Holder(other, seenBy(other, queue.block))
    other.ledger.hold(queue.id)
    expect(theirs.take()).toEqual([8, 1])
    first.collectGarbage()
    expect(isThere(first, one)).toBe(true)
    other.ledger.release(one.id)
    first.collectGarbage()
    expect([isThere(first, one), isThere(first, queue)]).toEqual([false, true])
    queue.put(makePlain(first).id)
    first.ledger.release(queue.id)
    other.ledger.release(queue.id)
    first.collectGarbage()
    expect(first.ledger.ids().length).toBe(1)
  })

  test('in a cycle of queues, or in itself, goes with the last that leads there', () => {
    const [a, b, c] = [new Holder(first), new Holder(first), new Holder(first)]
    const inner = makePlain(first)
    a.put(b.id, 0, a.id)
    b.put(c.id)
    c.putInt(5)
    c.put(a.id, inner.id)
    for (const id of [a.id, b.id, inner.id]) first.ledger.release(id)
    first.collectGarbage()
    expect(first.ledger.ids().length).toBe(4)
    first.ledger.release(c.id)
    first.collectGarbage()
    expect([first.ledger.ids(), blocks()]).toEqual([[], 0])
  })

  test('that a dead producer put is there; segments and items pass to who finds them', () => {
    const queue = new Holder(first)
    const theirs = new Holder(other, seenBy(other, queue.block))
    const one = makePlain(other)
    for (let n = 0; n < 200; n++) theirs.putInt(n)
    theirs.put(one.id)
    family.bury(other)
    for (let n = 0; n < 2; n++) first.collectGarbage()
    expect(Array.from({ length: 201 }, () => queue.take())).toEqual([...Array.from({ length: 200 }, (_, n) => n), [8, 1]])
    expect([isThere(first, one), blocks()]).toEqual([true, 3])
  })
})

describe('what moves while it is looked for', () => {
  /** Two queues, of which one is traced before the moment and the other after it, whichever way the marking goes. */
  const scene = (act: (early: Holder, late: Holder) => void, swap: boolean) => {
    const one = new Holder(first)
    let moved: Holder[] = []
    const moment = makeMoment(first, () => act(...(moved as [Holder, Holder])))
    const two = new Holder(first)
    moved = swap ? [two, one] : [one, two]
    return { early: moved[0] as Holder, late: moved[1] as Holder, moment }
  }

  test.each([false, true])('from one queue to another is kept, and what it contains: the other way round %s', (swap) => {
    const { early, late } = scene((to, from) => {
      from.take()
      to.put(box.id)
      first.ledger.release(box.id)
    }, swap)
    const [box, inner] = [new Holder(first), makePlain(first)]
    box.put(inner.id)
    late.put(box.id)
    for (const { id } of [box, inner]) first.ledger.release(id)
    first.collectGarbage()
    expect([isThere(first, box), isThere(first, inner)]).toEqual([true, true])
    first.collectGarbage()
    expect([early.take(), box.take(), late.ring.size]).toEqual([[8, 1], [8, 1], 0])
    for (const { id } of [box, inner]) first.ledger.release(id)
    first.collectGarbage()
    expect([isThere(first, box), isThere(first, inner)]).toEqual([false, false])
  })

  test('out of an object that nothing leads to any more is kept', () => {
    const [box, inner] = [new Holder(first), makePlain(first)]
    box.put(inner.id)
    first.ledger.release(inner.id)
    makeMoment(first, () => {
      box.take()
      first.ledger.release(box.id)
    })
    first.collectGarbage()
    expect(isThere(first, inner)).toBe(true)
  })

  test('out of an object that itself has moved, when that is found out, is kept', () => {
    const [box, inner, deep] = [new Holder(first), new Holder(first), makePlain(first)]
    inner.put(deep.id)
    box.put(inner.id)
    const { late } = scene((_, from) => {
      from.take()
      other.ledger.touch(second.id)
    }, true)
    late.put(box.id)
    const second = makeMoment(first, () => box.take())
    for (const { id } of [box, inner, deep, second]) first.ledger.release(id)
    first.collectGarbage()
    expect([isThere(first, inner), isThere(first, deep)]).toEqual([true, true])
  })

  test.each([false, true])('what a producer put that died since the beginning is there: the other way round %s', (swap) => {
    const { early } = scene((queue) => {
      new Holder(other, seenBy(other, queue.block)).ring.offer(bytes(other, 20_000, 7))
      family.bury(other)
    }, swap)
    first.collectGarbage()
    // What was freed too early is overwritten.
    for (let n = 0; n < 3; n++) makePlain(first, 20_000)
    expect(early.take()).toEqual([20_000, 7])
  })

  test('into an agent that has come since the beginning is kept', () => {
    const { late } = scene((_, from) => {
      const newcomer = family.join()
      newcomer.ledger.hold(from.id)
      new Holder(newcomer, seenBy(newcomer, from.block)).take()
    }, false)
    const one = makePlain(first)
    late.put(one.id)
    first.ledger.release(one.id)
    for (let n = 0; n < 2; n++) first.collectGarbage()
    expect(isThere(first, one)).toBe(true)
  })
})

describe('a collector', () => {
  test('is alone: another waits for its turn, or takes that of a dead one', () => {
    first.ledger.release(makePlain(first).id)
    Atomics.store(first.family.words, COLLECTOR_MUTEX_AT, other.tag)
    expect([first.collectGarbage(), blocks()]).toEqual([false, 1])
    family.end(other)
    expect([first.collectGarbage(), blocks()]).toEqual([true, 0])
    expect(first.family.words[COLLECTOR_MUTEX_AT]).toBe(0)
  })

  test('that dies, at whatever step, has freed what it should or leaves it to the next', () => {
    dyingAtEachStep((step) => {
      const scene = new TestFamily()
      const { first: survivor } = scene
      const victim = scene.join()
      const [kept, lost] = [new Holder(survivor), new Holder(survivor)]
      const [inKept, inLost] = [makePlain(survivor), makePlain(survivor, 100_000)]
      kept.put(inKept.id)
      lost.put(inLost.id)
      for (const { id } of [inKept, inLost, lost]) survivor.ledger.release(id)
      const died = dieAt(step, () => void victim.collectGarbage())
      scene.bury(victim)
      survivor.collectGarbage()
      survivor.collectGarbage()
      expect(survivor.ledger.ids().sort(), `step ${step}`).toEqual([kept.id, inKept.id].sort())
      // The queue with its segment, and what is in it.
      expect(survivor.heap.usage().blocks, `step ${step}`).toBe(3)
      expect(kept.take()).toEqual([8, 1])
      // Each id is given, once.
      const made = Array.from({ length: 5 }, () => makePlain(survivor).id)
      expect([...made, kept.id, inKept.id].sort(), `step ${step}`).toEqual([1, 2, 3, 4, 5, 6, 7])
      return died
    })
  })
})
