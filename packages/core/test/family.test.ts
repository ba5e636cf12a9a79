import { beforeEach, describe, expect, test } from 'vitest'
import { StateError } from '../src/errors.js'
import { FAMILY_MUTEX_AT, MAX_AGENTS } from '../src/memory/layout.js'
import { type Family, Slot } from '../src/process/family.js'
import type { SyncPort } from '../src/sync/port.js'
import { ALL, ARMED, BELLS, GATE } from '../src/sync/waitlist.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { random } from './support/random-values.js'
import { TestFamily } from './support/test-family.js'
import { TestPort } from './support/test-port.js'

let group: TestFamily
let family: Family
let port: SyncPort

beforeEach(() => {
  group = new TestFamily()
  family = group.first.family
  port = group.first
})

const claim = (name = 'child', parent = port.tag) => family.claim(port, parent, name)

describe('slots', () => {
  test('are claimed and released at random: every tag is new, and the table lists those there are', () => {
    const next = random(1)
    const seen = new Set([port.tag])
    const live = [port.tag]
    for (let n = 0; n < 5000; n++) {
      if (live.length > 1 && next() < 0.48)
        family.release(port, live.splice(1 + Math.floor(next() * (live.length - 1)), 1)[0] as number)
      else {
        const tag = claim(`child ${n}`)
        expect([seen.has(tag), tag > 0, tag < 2 ** 30, family.nameOf(tag)]).toEqual([false, true, true, `child ${n}`])
        seen.add(tag)
        live.push(tag)
      }
      if (n % 250 === 0) expect(family.tags().sort()).toEqual([...live].sort())
    }
    for (const tag of seen) expect(family.has(tag)).toBe(live.includes(tag))
    expect(seen.size).toBeGreaterThan(MAX_AGENTS * 2)
  })

  test('are used in turn, so that a tag comes back only after 2^20 rounds of the table, as the first generation', () => {
    const tag = claim()
    family.release(port, tag)
    for (let n = 2; n < MAX_AGENTS; n++) family.release(port, claim())
    const again = claim()
    expect([family.at(again), again - tag]).toEqual([family.at(tag), MAX_AGENTS])
    family.release(port, again)

    family.words[family.at(tag) + Slot.generation] = 2 ** 20 - 2
    for (let n = 1; n < MAX_AGENTS - 1; n++) family.release(port, claim())
    const last = claim()
    expect([family.at(last), last > 2 ** 30 - 2 * MAX_AGENTS, last < 2 ** 30]).toEqual([family.at(tag), true, true])
    family.release(port, last)
    for (let n = 1; n < MAX_AGENTS - 1; n++) family.release(port, claim())
    expect(claim()).toBe(tag)
  })

  test('are all taken by 1024 agents; one more is a StateError and changes nothing', () => {
    const tags = [port.tag]
    while (tags.length < MAX_AGENTS) tags.push(claim())
    expect(() => claim()).toThrow(StateError)
    expect(() => claim()).toThrow(/has 1024 agents already; wait for some of them to end/)
    expect(family.tags().sort()).toEqual(tags.sort())
    family.release(port, tags[500] as number)
    expect(family.at(claim())).toBe(family.at(tags[500] as number))
    expect(() => claim()).toThrow(StateError)
  })

  test('are cleared for their next agent', () => {
    const tag = claim('the name of the former one, longer than the next')
    const at = family.at(tag)
    family.words.fill(-1, at + Slot.ended, at + Slot.generation)
    family.words.fill(-1, at + Slot.stage, at + Slot.name)
    family.words.fill(0, at + Slot.parkedAt, at + Slot.parkedAt + 1)
    family.words[at + Slot.wakingAt] = 0
    family.release(port, tag)
    for (let n = 2; n < MAX_AGENTS; n++) family.release(port, claim())
    const next = claim('next')
    expect([family.at(next), family.nameOf(next), family.nameOf(tag)]).toEqual([at, 'next', undefined])
    const kept: number[] = [Slot.tag, Slot.parent, Slot.generation]
    for (let word = 0; word < Slot.name; word++)
      if (!kept.includes(word)) expect([word, family.words[at + word]]).toEqual([word, 0])
  })

  test('keep the name of one that ended; a long one is cut', () => {
    const [short, long] = [claim('é'.repeat(10)), claim('n'.repeat(500))]
    const after = claim('after')
    family.release(port, short)
    expect(family.nameOf(short)).toBe('é'.repeat(10))
    expect(family.nameOf(long)).toMatch(/^n{40,499}$/)
    expect([family.nameOf(after), family.nameOf(port.tag)]).toEqual(['after', 'first'])
  })

  test('are whole or free whenever one dies that claims one', () => {
    dyingAtEachStep((step) => {
      const one = new TestFamily()
      const victim = one.join()
      const { family: table } = one.first
      const died = dieAt(step, () => void table.claim(victim, victim.tag, 'unborn'))
      one.bury(victim)
      expect(table.tags()).toEqual([one.first.tag])
      const tag = table.claim(one.first, one.first.tag, 'next')
      expect([table.tags(), table.nameOf(tag), table.words[FAMILY_MUTEX_AT]]).toEqual([[one.first.tag, tag], 'next', 0])
      return died
    })
  })
})

describe('a life', () => {
  test('is as the table says, and when asked thoroughly as the platform says', () => {
    const agent = group.join()
    const { tag } = agent
    const says = () => [family.has(tag), family.isAlive(tag, false), family.isAlive(tag, true)]
    expect(says()).toEqual([true, true, true])
    group.end(agent)
    expect(says()).toEqual([true, true, false])
    family.release(port, tag)
    expect(says()).toEqual([false, false, false])
  })

  test('that was not announced yet counts, and can be called off; whoever comes first has it', () => {
    const [early, late] = [claim(), claim()]
    expect([family.isAlive(early, true), family.wasCalledOff(early)]).toEqual([true, false])
    expect([family.announce(early, 7), family.callOff(early), family.wasCalledOff(early)]).toEqual([true, false, false])
    expect([family.callOff(late), family.announce(late, 8), family.wasCalledOff(late)]).toEqual([true, false, true])
    expect([family.isAlive(early, true), family.isAlive(late, true)]).toEqual([true, true])
  })

  test('has one end: the first word about it counts, and none about a former agent of the slot', () => {
    const tag = claim()
    const at = family.at(tag)
    const ending = () => [family.words[at + Slot.ended], family.words[at + Slot.exitCode]]
    family.markEnded(port, tag - MAX_AGENTS, 5)
    expect(ending()).toEqual([0, 0])
    family.markEnded(port, tag, 3)
    family.markEnded(port, tag, 4)
    expect(ending()).toEqual([1, 3])
  })

  test('ends with that of the ancestor it was started by', () => {
    const [child, cousin] = [claim(), claim()]
    const grandchild = claim('grandchild', child)
    const last = claim('last', grandchild)
    family.release(port, child)
    expect([child, grandchild, last, cousin].map((tag) => family.has(tag))).toEqual([false, false, false, true])
    // Nothing twice, and nothing of whoever has the slot next.
    family.release(port, child)
    expect(family.tags()).toEqual([port.tag, cousin])
  })
})

describe('bells', () => {
  const rung = (bells: number) => {
    const found: number[] = []
    family.ring(port, bells, (_words, index) => void found.push(index - Slot.bell))
    return found
  }

  test('ring for everyone whose bit is set, beyond 32 agents too, and once until they are answered', () => {
    const tags = [port.tag]
    while (tags.length < 70) tags.push(claim())
    const slots = (...numbers: number[]) => numbers.map((n) => family.at(tags[n] as number))
    family.release(port, tags[35] as number)
    expect(rung((1 << 3) | (1 << 31))).toEqual(slots(3, 67, 31, 63))
    expect(rung((1 << 3) | (1 << 4))).toEqual(slots(4, 36, 68))
    family.words[family.at(tags[67] as number) + Slot.bell] = 0
    expect(rung(1 << 3)).toEqual(slots(67))
    expect(rung(-1).length).toBe(69 - 4 - 3)
    expect(rung(-1)).toEqual([])
  })

  test.each(['parkedAt', 'wakingAt'] as const)('and sleepers of the waitlist in %s of one that died are woken', (word) => {
    const address = group.first.heap.allocate(8, true)
    const { views, offset } = group.first.space.at(address, 8)
    const gate = offset / 4 + GATE
    views.i32[gate] = 6 | ARMED
    views.i32[offset / 4 + BELLS] = 0
    const [dead, other] = [claim(), claim()]
    family.words[family.at(dead) + Slot[word]] = address / 4
    const witness = new TestPort(port.tag)
    family.release(witness, dead)
    expect([views.i32[gate], witness.calls]).toEqual([8 | ARMED, [[gate, ALL], -1]])
    expect(family.tags()).toEqual([port.tag, other])
  })
})
