import { inspect } from 'node:util'
import { ClosedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { arriveAndTell, keepStep, type Result } from '../../workers/barriers.js'

/** Agents, rounds. The first ones for each form, too. */
const FEW = [8, 1_000] as const
const MANY = [16, 6_250] as const

/** Parties that come again and again. After CPython's `test_barrier`, `test_wait_return` and `test_single_thread`. */
export function rounds(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const [title, pattern, [parties, rounds]] of [
    ...forms.map((form) => [form, [form], FEW] as const),
    ['mixed', forms, MANY] as const,
  ]) {
    if (title === 'mixed' && forms.length === 1) continue
    suite.test(`${parties} agents in step through ${rounds} rounds (${title}): each index once a round`, async ({ mp }) => {
      const barrier = new mp.Barrier(parties)
      const where = new mp.Array('int32', parties, { lock: false })
      const indices = new mp.Array('int32', parties, { lock: false })
      const strays = new mp.Value('int32', 0)
      const agents = Array.from({ length: parties }, (_, me) => {
        const form = pattern[me % pattern.length] ?? 'async'
        return new mp.Process({ target: keepStep, args: [barrier, where, indices, strays, me, rounds, form] }).start()
      })
      await allEndWell(agents)
      expect([...indices]).toEqual(Array(parties).fill(rounds))
      expect([strays.value, barrier.waiting, barrier.broken]).toEqual([0, 0, false])
    })
  }

  suite.test('several parties of one agent, indices in the order of arrival', async ({ mp }) => {
    const barrier = new mp.Barrier(4)
    expect([barrier.parties, barrier.waiting, barrier.broken]).toEqual([4, 0, false])
    for (let round = 0; round < 3; round++) {
      const waits = [0, 1, 2].map(() => barrier.wait())
      expect(barrier.waiting).toBe(3)
      expect(inspect(barrier)).toBe('Barrier { parties: 4, waiting: 3, broken: false }')
      await turns()
      expect(mp.usage().waits).toBe(3)
      expect(await barrier.wait()).toBe(3)
      expect(await Promise.all(waits)).toEqual([0, 1, 2])
      expect(barrier.waiting).toBe(0)
    }
  })

  suite.test('more who come than it takes: those over are of the next generation', async ({ mp }) => {
    const barrier = new mp.Barrier(2)
    const waits = [1, 2, 3].map(() => barrier.wait())
    expect(await Promise.all(waits.slice(0, 2))).toEqual([0, 1])
    expect(barrier.waiting).toBe(1)
    expect(barrier.waitSync()).toBe(1)
    expect(await waits[2]).toBe(0)
  })

  suite.test('a single party never waits', async ({ mp }) => {
    const barrier = new mp.Barrier(1)
    expect([await barrier.wait(), barrier.waitSync(), await barrier.wait({ timeout: 0 })]).toEqual([0, 0, 0])
  })

  suite.test('travels: parties of several agents, this one among them', async ({ mp }) => {
    const barrier = new mp.Barrier(1 + forms.length)
    const results = new mp.Queue<Result>()
    const others = forms.map((form) => new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start())
    const indices = [await barrier.wait()]
    for (const _ of forms) indices.push((await results.get()) as number)
    expect(indices.sort()).toEqual(Array.from({ length: 1 + forms.length }, (_, n) => n))
    await allEndWell(others)
  })

  suite.test('bad arguments', ({ mp }) => {
    for (const parties of [undefined, null, '2', 2n, true, {}]) {
      expect(thrownAtOnce(() => new mp.Barrier(parties as never))).toBeInstanceOf(TypeError)
    }
    for (const parties of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(thrownAtOnce(() => new mp.Barrier(parties))).toBeInstanceOf(RangeError)
    }
    for (const options of [null, 1, { timeout: 'x' }, { timeout: null }, { action: 1 }, { action: null }]) {
      expect(thrownAtOnce(() => new mp.Barrier(1, options as never))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => new mp.Barrier(1, { timeout: -1 }))).toBeInstanceOf(RangeError)
    const barrier = new mp.Barrier(2)
    for (const options of [null, 1, { timeout: 'x' }, { timeout: null }] as never[]) {
      expect(thrownAtOnce(() => barrier.wait(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => barrier.waitSync(options))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => barrier.wait({ timeout: -1 }))).toBeInstanceOf(RangeError)
    expect(thrownAtOnce(() => barrier.waitSync({ signal: new AbortController().signal } as never))).toBeInstanceOf(TypeError)
    expect([barrier.waiting, barrier.broken]).toEqual([0, false])
  })

  suite.test('use after close is a ClosedError', async ({ create }) => {
    const mp = create()
    const barrier = new mp.Barrier(2)
    const waiting = thrown(() => barrier.wait())
    await turns()
    await mp.close()
    expect(await waiting).toBeInstanceOf(ClosedError)
    for (const use of [
      () => barrier.wait(),
      () => barrier.waitSync(),
      () => barrier.reset(),
      () => barrier.abort(),
      () => barrier.broken,
      () => barrier.waiting,
      () => barrier.parties,
    ]) {
      expect(await thrown(use)).toBeInstanceOf(ClosedError)
    }
    expect(inspect(barrier)).toBe('Barrier (closed)')
  })
}
