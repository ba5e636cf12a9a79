import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Agent } from '../src/agent.js'
import type { Offspring } from '../src/process/offspring.js'
import { TestFamily } from './support/test-family.js'

/** ms by which every sleep is longer than it was to be, as on a machine with much to do. */
const LATE = 30

const words = new Int32Array(2)
let agent: Agent
/** The clock, ms. */
let time: number
let looks: number

beforeEach(() => {
  agent = new TestFamily().first
  time = 1000
  looks = 0
  vi.spyOn(agent, 'now').mockImplementation(() => time)
  vi.spyOn(agent.memory, 'wait').mockImplementation((_words, _index, _value, ms) => {
    time += ms + LATE
    return 'timed-out'
  })
  agent.children.add({ look: () => looks++ > Number.POSITIVE_INFINITY } as unknown as Offspring)
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a wait of an agent that has children ends at its deadline, however late each of its looks comes', () => {
  expect(agent.wait(words, 0, 0, 5000)).toBe('timed-out')
  expect(time - 1000).toBeLessThanOrEqual(5000 + LATE)
  expect(looks).toBeGreaterThan(10)
})

test('children are looked after in many short waits, too', () => {
  for (let n = 0; n < 40; n++) agent.wait(words, 0, 0, 50)
  // A look in 100 ms, of 80 ms each.
  expect(looks).toBeGreaterThanOrEqual(15)
  expect(looks).toBeLessThan(40)
})
