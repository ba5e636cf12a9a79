import { beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { Entry } from '../src/memory/ledger.js'
import { unpack } from '../src/memory/space.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { makePlain } from './support/holdings.js'
import { TestFamily } from './support/test-family.js'

let family: TestFamily
let first: Agent
let other: Agent
beforeEach(() => {
  family = new TestFamily()
  first = family.first
  other = family.join()
})

describe('ids', () => {
  test('are given once while in use, each with its own entry and holds, beyond one chunk and one page of bits', () => {
    const made = Array.from({ length: 5000 }, (_, n) => makePlain(n % 3 === 0 ? first : other, 8))
    expect([new Set(made.map(({ id }) => id)).size, made.some(({ id }) => id === 0)]).toEqual([5000, false])
    expect(first.ledger.ids().length).toBe(5000)
    for (const [n, { id, address, bytes }] of made.entries()) {
      const { words, at } = other.ledger.entry(id)
      expect([unpack(words[at + Entry.address] as number), words[at + Entry.bytes]]).toEqual([address, bytes])
      expect([first.tag, other.tag].map((tag) => first.ledger.isHeld(id, [tag]))).toEqual([n % 3 === 0, n % 3 !== 0])
    }
    // What the books take is not the user's.
    expect(first.heap.usage().blocks).toBe(5000)
  })

  test('are used again, the books do not grow with what has passed', () => {
    const round = () => {
      const made = Array.from({ length: 300 }, () => makePlain(first).id)
      for (const id of made) first.ledger.release(id)
      first.collectGarbage()
      return Math.max(...made)
    }
    expect(Array.from({ length: 20 }, round)).toEqual(Array(20).fill(300))
    expect(first.ledger.ids()).toEqual([])
  })

  test('of one that dies while it publishes are found again, its block too', () => {
    dyingAtEachStep((step) => {
      const scene = new TestFamily()
      const victim = scene.join()
      const { ledger, heap } = scene.first
      const kept = makePlain(scene.first)
      const free = makePlain(scene.first)
      ledger.release(free.id)
      scene.first.collectGarbage()
      const died = dieAt(step, () => void makePlain(victim))
      scene.bury(victim)
      scene.first.collectGarbage()
      expect([ledger.ids(), heap.usage().blocks], `step ${step}`).toEqual([[kept.id], 1])
      const made = Array.from({ length: 3 }, () => makePlain(scene.first).id)
      expect(new Set([...made, kept.id]).size).toBe(4)
      expect(Math.max(...made), `step ${step}`).toBe(4)
      return died
    })
  })
})

describe('holds', () => {
  test('are one agent’s own, set and cleared as often as it likes', () => {
    const ids = Array.from({ length: 70 }, () => makePlain(first).id)
    for (const id of ids) if (id % 3 === 0) for (let n = 0; n < 2; n++) other.ledger.hold(id)
    for (const id of ids) if (id % 2 === 0) first.ledger.release(id)
    for (const id of ids) {
      expect([first.tag, other.tag].map((tag) => other.ledger.isHeld(id, [tag]))).toEqual([id % 2 === 1, id % 3 === 0])
      other.ledger.release(id)
      expect(first.ledger.isHeld(id, [other.tag])).toBe(false)
    }
  })

  test('vanish with their agent, and are not those of the next one in its slot', () => {
    const { id } = makePlain(first)
    other.ledger.hold(id)
    first.ledger.release(id)
    expect(first.ledger.isHeld(id, first.family.tags())).toBe(true)
    family.bury(other)
    expect(first.ledger.isHeld(id, first.family.tags())).toBe(false)
    const slot = first.family.at(other.tag)
    let next = first.family.claim(first, first.tag, 'next')
    for (; first.family.at(next) !== slot; next = first.family.claim(first, first.tag, 'next')) first.family.release(first, next)
    expect(first.ledger.isHeld(id, [next])).toBe(false)
  })
})

test('a collection is wanted after a share of what lives was given up, or something large', () => {
  const made = Array.from({ length: 400 }, () => makePlain(first, 8))
  const releasedUntilWanted = () => {
    let count = 0
    while (!first.ledger.wantsCollection) {
      first.ledger.release((made.pop() as { id: number }).id)
      count++
    }
    first.collectGarbage()
    expect(first.ledger.wantsCollection).toBe(false)
    return count
  }
  expect([releasedUntilWanted(), releasedUntilWanted(), releasedUntilWanted()]).toEqual([200, 100, 64])
  first.ledger.release(makePlain(other, 2 ** 20).id)
  expect(first.ledger.wantsCollection).toBe(true)
})
