import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { makeAll, type Nested, nest, unnest } from '../../support/shared-kinds.js'
import { makeAndCheck, makeValue, touch, touched, touchedAndBack, touchFromQueue, touchNested } from '../../workers/sharing.js'

/** Each kind of shared object by each way there is: it arrives as the same object, in both directions. */
export function travels(suite: Suite): void {
  suite.test('as an argument of a Process', async ({ mp }) => {
    const { things, problems } = makeAll(mp)
    expect(await new mp.Process({ target: touch, args: [things] }).start().join()).toBe(0)
    expect(problems()).toEqual([])
  })

  suite.test('nested in objects, arrays, Maps and Sets', async ({ mp }) => {
    const { things, problems } = makeAll(mp)
    expect(await new mp.Process({ target: touchNested, args: [nest(things)] }).start().join()).toBe(0)
    expect(problems()).toEqual([])
  })

  suite.test('as an argument and as an item of a Pool', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const [first, second, third, fourth] = [makeAll(mp), makeAll(mp), makeAll(mp), makeAll(mp)]
    expect(await pool.apply(touched, [first.things])).toEqual([])
    expect(await pool.map(touched, [second.things, third.things])).toEqual([[], []])
    expect(await pool.starmap(touched, [[fourth.things]])).toEqual([[]])
    for (const { problems } of [first, second, third, fourth]) expect(problems()).toEqual([])
  })

  suite.test('as a result of a Pool', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const { things, problems } = makeAll(mp)
    const back = await pool.apply(touchedAndBack, [nest(things)])
    expect(back.problems).toEqual([])
    const again = unnest(back.nested)
    for (const [kind, thing] of Object.entries(things)) {
      // A subarray is a view, made anew as by any other `subarray()`.
      if (kind !== 'subarray') expect(again[kind as keyof typeof again] === thing, kind).toBe(true)
    }
    expect(problems()).toEqual([])
  })

  suite.test('as a result that a worker made, which outlives it', async ({ mp }) => {
    const pool = new mp.Pool(2)
    const results = await pool.map((args: [string, number]) => args, [])
    expect(results).toEqual([])
    const made = await pool.starmap(
      makeValue,
      Array.from({ length: 10 }, (_, n) => [mp.backend.name, n] as [string, number]),
    )
    const [{ value }] = [pool.applySync(makeValue, [mp.backend.name, 77])]
    await pool.terminate()
    expect(made.map((one) => [one.value.value, [...one.array]])).toEqual(Array.from({ length: 10 }, (_, n) => [n, [n]]))
    expect([value.value, value.runExclusiveSync(() => value.value++)]).toEqual([77, 77])
  })

  for (const form of formsOf(suite.capabilities)) {
    suite.test(`as an item of a Queue, got ${form}, made before and after the receiver was started`, async ({ mp }) => {
      const [arrivals, answers] = [new mp.Queue<Nested>(), new mp.Queue<string[]>()]
      const before = makeAll(mp)
      await arrivals.put(nest(before.things))
      const receiver = new mp.Process({ target: touchFromQueue, args: [arrivals, answers, form, 3] }).start()
      expect(await answers.get()).toEqual([])
      // From here on it waits.
      const after = [makeAll(mp), makeAll(mp)]
      for (const { things } of after) {
        await arrivals.put(nest(things))
        expect(await answers.get()).toEqual([])
      }
      expect(await receiver.join()).toBe(0)
      for (const { problems } of [before, ...after]) expect(problems()).toEqual([])
    })
  }

  suite.test('made by a child and used by its parent and by its siblings', async ({ mp }) => {
    const [up, done, answers] = [new mp.Queue<Nested>(), new mp.Queue(), new mp.Queue<string[]>()]
    for (const user of ['parent', 'sibling']) {
      const maker = new mp.Process({ target: makeAndCheck, args: [mp.backend.name, up, done, answers] }).start()
      if (user === 'sibling') {
        const sibling = new mp.Process({ target: touchFromQueue, args: [up, answers, 'async', 1] }).start()
        expect(await answers.get(), user).toEqual([])
        await sibling.join()
      } else {
        await using pool = new mp.Pool(1)
        expect(await pool.apply(touched, [unnest(await up.get())]), user).toEqual([])
      }
      await done.put('done')
      expect(await answers.get(), user).toEqual([])
      expect(await maker.join()).toBe(0)
    }
  })
}
