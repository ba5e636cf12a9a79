import { expect } from 'vitest'
import type { Agent } from '../../src/agent.js'
import { kindOf } from '../../src/memory/kinds.js'
import { Entry } from '../../src/memory/ledger.js'
import { unpack } from '../../src/memory/space.js'
import { SHARE, type Shareable } from '../../src/wire/shareable.js'
import { dieAt } from './death.js'
import { TestFamily } from './test-family.js'

/** The same object in another agent of the family. */
export function arrive<T extends Shareable>(object: T, agent: Agent): T {
  return agent.arriving(object[SHARE]()) as T
}

/**
 * An agent dies at a step of `act`. What another one sees then must be as `before`, `after`, or something in `between`; it goes on to work; and no block is left that the collection
 * does not refer to.
 */
export function dyingIn<C extends Shareable, S>(
  step: number,
  scene: {
    readonly make: (agent: Agent) => C
    readonly act: (collection: C) => void
    readonly look: (collection: C) => S
    readonly before: S
    readonly after: S
    readonly between?: readonly S[]
    readonly goOn: (collection: C) => void
  },
): boolean {
  const family = new TestFamily()
  const { first } = family
  const collection = scene.make(first)
  const victim = family.join()
  const theirs = arrive(collection, victim)
  const died = dieAt(step, () => scene.act(theirs))
  family.end(victim)
  expect([scene.before, scene.after, ...(scene.between ?? [])], `step ${step}`).toContainEqual(scene.look(collection))
  if (!died) expect(scene.look(collection)).toEqual(scene.after)
  family.bury(victim)
  first.collectGarbage()
  first.collectGarbage()
  const reachable = new Set<number>()
  const { kind } = collection[SHARE]()
  const { words, at } = first.ledger.entry(collection[SHARE]().id)
  const address = unpack(words[at + Entry.address] as number)
  kindOf(kind).trace?.(first, address, { block: (one) => reachable.add(one), handle: () => {} })
  // Those, and its own.
  expect(first.heap.usage().blocks, `blocks after step ${step}`).toBe(reachable.size + 1)
  scene.goOn(collection)
  return died
}
