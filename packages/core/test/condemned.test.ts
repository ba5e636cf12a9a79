import { afterEach, expect, test, vi } from 'vitest'
import type { Agent } from '../src/agent.js'
import { Cell, type CellInUse, finish, runnerOf } from '../src/pool/cells.js'
import { Condemned } from '../src/pool/condemned.js'
import type { Crew } from '../src/pool/crew.js'
import { Slot, Stage } from '../src/process/family.js'
import type { Offspring } from '../src/process/offspring.js'

const TAG = 7

afterEach(() => void vi.useRealTimers())

/** A worker that runs one cancelled job; `isNeeded` is asked about it as often as the pool has to know. */
function worker(isNeeded: (stage: number) => boolean) {
  const slot = new Int32Array(64)
  const stage = () => slot[Slot.stage] as number
  slot[Slot.stage] = Stage.ready
  const kills: number[] = []
  const hand = { tag: TAG, end: undefined, kill: () => kills.push(stage()) } as unknown as Offspring
  const agent = { closed: false, family: { words: slot, at: () => 0 } } as unknown as Agent
  const words = new Int32Array(4)
  words[Cell.state] = ~TAG
  const cell: CellInUse = { packed: 0, words, at: 0, large: 0, ticket: 1, tainted: false }
  const condemned = new Condemned(agent, { all: [hand] } as unknown as Crew, {
    isNeeded: () => isNeeded(stage()),
    letGo: undefined,
    onNone: () => {},
  })
  condemned.add(cell)
  return { condemned, cell, kills, stage }
}

test('a worker with nothing else in hand is doomed, and ended', () => {
  const { condemned, kills } = worker(() => false)
  condemned.execute()
  expect(kills).toEqual([Stage.doomed])
})

test('a job that it took just before it was doomed keeps it alive, and it takes others again', () => {
  let taken = true
  const { condemned, kills, stage } = worker((stage) => taken && stage === Stage.doomed)
  condemned.execute()
  expect(kills).toEqual([])
  expect(stage()).toBe(Stage.ready)
  taken = false
  condemned.execute()
  expect(kills).toEqual([Stage.doomed])
})

test('one that is done with the cancelled job meanwhile is left alone', () => {
  const { condemned, cell, kills, stage } = worker((stage) => {
    if (stage !== Stage.doomed) cell.words[Cell.state] = 0
    return false
  })
  condemned.execute()
  expect(kills).toEqual([])
  expect(stage()).toBe(Stage.ready)
})

test('one that is doomed does not tell that it is free: it may be given nothing more', () => {
  const { condemned, cell, kills } = worker(() => false)
  condemned.execute()
  expect(kills).toEqual([Stage.doomed])
  expect(finish(cell.words, cell.at, TAG)).toBe(false)
  expect(runnerOf(cell)).toBe(TAG)
  // It takes some time to end.
  condemned.execute()
  expect(kills.every((stage) => stage === Stage.doomed)).toBe(true)
})

test('each worker that a cancelled job keeps from others has its own time of grace', () => {
  vi.useFakeTimers()
  const slots = new Int32Array(1024)
  const kills: number[] = []
  const tags = [100, 200, 300]
  const hands = tags.map((tag) => ({ tag, end: undefined, kill: () => kills.push(tag) }) as unknown as Offspring)
  const agent = { closed: false, family: { words: slots, at: (tag: number) => tag } } as unknown as Agent
  const condemned = new Condemned(agent, { all: hands } as unknown as Crew, {
    isNeeded: () => true,
    letGo: undefined,
    onNone: () => {},
  })
  for (const tag of tags) {
    const words = new Int32Array(4)
    words[Cell.state] = ~tag
    words[Cell.onThread] = 1
    condemned.add({ packed: 0, words, at: 0, large: 0, ticket: 1, tainted: false })
  }
  condemned.execute()
  expect(kills).toEqual([])
  vi.advanceTimersByTime(500)
  expect(kills).toEqual(tags)
  condemned.close()
})
