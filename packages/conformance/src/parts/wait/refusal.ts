import { ClosedError, StateError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { waitIn } from '../../support/wait-forms.js'

/** What cannot be waited for is refused at the call. */
export function refusal(suite: Suite): void {
  for (const form of formsOf(suite.capabilities)) {
    suite.test(`other things: a TypeError that says which (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const pool = new mp.Pool(1)
      const queue = new mp.Queue()
      for (const thing of [
        undefined,
        null,
        5,
        'queue',
        {},
        () => {},
        Promise.resolve(),
        new mp.Lock(),
        new mp.Value('int8'),
        pool,
      ]) {
        const error = thrownAtOnce(() => wait([queue, thing as never]))
        expect(error).toBeInstanceOf(TypeError)
        expect(String(error)).toContain('things[1]')
      }
      for (const things of [undefined, null, 5, {}, queue])
        expect(thrownAtOnce(() => wait(things as never))).toBeInstanceOf(TypeError)
      await pool.terminate()
    })

    suite.test(`things of another context: a TypeError (${form})`, async ({ mp, create }) => {
      const wait = waitIn(mp, form)
      const another = create()
      const [a] = another.Pipe()
      for (const thing of [
        new another.Queue(),
        a,
        new another.SimpleQueue(),
        new another.Process({ target: () => {} }).start(),
      ]) {
        expect(thrownAtOnce(() => wait([new mp.Queue(), thing]))).toBeInstanceOf(TypeError)
      }
      await another.close()
    })

    suite.test(`a process that was not started: StateError; one that is closed: ClosedError (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const one = new mp.Process({ target: () => {} })
      expect(thrownAtOnce(() => wait([one]))).toBeInstanceOf(StateError)
      one.start()
      await allEndWell([one])
      expect(await wait([one])).toHaveLength(1)
      one.close()
      expect(thrownAtOnce(() => wait([one]))).toBeInstanceOf(ClosedError)
    })

    suite.test(`an end that only sends: StateError; what is closed here: ClosedError (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const [, writer] = mp.Pipe({ duplex: false })
      expect(thrownAtOnce(() => wait([writer]))).toBeInstanceOf(StateError)
      const [end] = mp.Pipe()
      const simple = new mp.SimpleQueue()
      end.close()
      simple.close()
      expect(thrownAtOnce(() => wait([end]))).toBeInstanceOf(ClosedError)
      expect(thrownAtOnce(() => wait([simple]))).toBeInstanceOf(ClosedError)
    })

    suite.test(`bad options (${form})`, ({ mp }) => {
      const wait = waitIn(mp, form)
      const queue = new mp.Queue()
      queue.tryPut(1)
      for (const [options, kind] of [
        [{ timeout: null }, TypeError],
        [{ timeout: Number.NaN }, TypeError],
        [{ timeout: -1 }, RangeError],
        [{ signal: {} }, TypeError],
        [5, TypeError],
        [null, TypeError],
      ] as unknown as [object, ErrorConstructor][]) {
        expect(thrownAtOnce(() => wait([queue], options))).toBeInstanceOf(kind)
      }
    })
  }
}
