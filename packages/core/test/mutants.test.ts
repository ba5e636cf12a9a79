import { describe, expect, test } from 'vitest'
import { compile } from './explorer/compile.js'
import { examine } from './explorer/examine.js'
import { replay } from './explorer/explore.js'
import {
  ASYNC_MUTANTS,
  BARRIER_MUTANTS,
  CONDITION_MUTANTS,
  EVENT_MUTANTS,
  LOCK_MUTANTS,
  type Mutant,
  QUEUE_MUTANTS,
  SEMAPHORE_MUTANTS,
  WAITLIST_MUTANTS,
} from './explorer/mutants.js'
import {
  ASYNC_WAITERS,
  BARRIER,
  type Case,
  CONDITION,
  EVENT,
  LOCK,
  QUEUE,
  SEMAPHORE,
  WAITLIST,
} from './explorer/scenarios/catalog.js'

/** The explorer must reject these faults, by scenarios that production passes in `explorer.test.ts`. */
describe('the wait/notify protocol', () => rejected(WAITLIST_MUTANTS))
describe('async waiters', () => rejected(ASYNC_MUTANTS))
describe('the lock', () => rejected(LOCK_MUTANTS))
describe('the semaphore', () => rejected(SEMAPHORE_MUTANTS))
describe('the event', () => rejected(EVENT_MUTANTS))
describe('the ring of a queue', () => rejected(QUEUE_MUTANTS))
describe('the waiters of a condition', () => rejected(CONDITION_MUTANTS))
describe('the parties of a barrier', () => rejected(BARRIER_MUTANTS))

function rejected(mutants: readonly Mutant[]): void {
  for (const { name, scenario, edits, finds } of mutants) {
    test(`${name}: rejected by ${scenario}`, async () => {
      const one = caseOf(scenario)
      const { failure } = await examine(one, edits)
      expect(failure?.message).toMatch(finds)
      const broken = await compile([...(one.edits ?? []), ...edits])
      expect(replay(broken, one.scenario, failure?.seed as string)).toBe(failure?.trace)
    })
  }
}

function caseOf(name: string): Case {
  const found = [...WAITLIST, ...ASYNC_WAITERS, ...LOCK, ...SEMAPHORE, ...EVENT, ...QUEUE, ...CONDITION, ...BARRIER].filter(
    ({ scenario, long }) => scenario.name === name && !long,
  )
  expect(found, `scenarios with the name '${name}' that always run`).toHaveLength(1)
  return found[0] as Case
}
