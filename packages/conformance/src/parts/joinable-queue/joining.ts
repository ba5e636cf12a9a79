import { TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { joinAndTell } from '../../workers/joining.js'

/** Waiting until all items are done. */
export function joining(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  suite.test('with nothing to be done it is done', async ({ mp }) => {
    const queue = new mp.JoinableQueue()
    await queue.join()
    await queue.join({ timeout: 0 })
    if (sync) queue.joinSync()
    if (sync) queue.joinSync({ timeout: 0 })
  })

  suite.test('it waits for the last taskDone, and not for gets', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    for (let n = 0; n < 3; n++) queue.tryPut(n)
    let joined = false
    const joining = queue.join().then(() => {
      joined = true
    })
    for (let n = 0; n < 3; n++) queue.tryGet()
    for (let n = 0; n < 3; n++) {
      await turns()
      expect(joined).toBe(false)
      queue.taskDone()
    }
    await joining
  })

  suite.test('everyone who waits is released, here and elsewhere', async ({ mp, until }) => {
    const queue = new mp.JoinableQueue<number>()
    const [done, asked, report] = [new mp.Value('int32', 0), new mp.Value('int32', 0), new mp.Queue<unknown>()]
    queue.tryPut(1)
    queue.tryPut(2)
    const here = [1, 2, 3].map(() => queue.join())
    const there = [...forms, ...forms].map((form) =>
      new mp.Process({ target: joinAndTell, args: [queue, done, asked, report, form] }).start(),
    )
    await until(() => asked.value === there.length, 'the start of the others')
    for (let n = 0; n < 2; n++) {
      await turns()
      expect(report.size).toBe(0)
      queue.tryGet()
      done.add(1)
      queue.taskDone()
    }
    await Promise.all(here)
    await allEndWell(there)
    expect(there.map(() => report.tryGet())).toEqual(there.map(() => 2))
  })

  suite.test(
    'all who waited are released although more is put at once, also behind one who leaves',
    async ({ mp, abortController }) => {
      const queue = new mp.JoinableQueue<number>()
      queue.tryPut(1)
      const control = abortController()
      const leaver = thrown(() => queue.join({ signal: control.signal }))
      const joins = [queue.join(), queue.join({ timeout: 100_000 }), queue.join()]
      await turns()
      queue.taskDone()
      queue.tryPut(2)
      control.abort('left')
      expect(['left', undefined]).toContain(await leaver)
      await Promise.all(joins)
      queue.taskDone()
    },
  )

  suite.test('who waited is released although more is put at once', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    queue.tryPut(1)
    const early = queue.join()
    await turns()
    queue.taskDone()
    queue.tryPut(2)
    await early
    const error = await thrown(() => queue.join({ timeout: 1 }))
    expect(error).toBeInstanceOf(TimeoutError)
    queue.taskDone()
    await queue.join()
  })

  for (const timeout of [0, 1, 20]) {
    suite.test(`timeout ${timeout} with items unfinished: TimeoutError`, async ({ mp }) => {
      const queue = new mp.JoinableQueue<number>()
      queue.tryPut(1)
      for (const call of [() => queue.join({ timeout }), ...(sync ? [() => queue.joinSync({ timeout })] : [])]) {
        const error = await thrown(call)
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toMatchObject({ code: 'MP_TIMEOUT' })
      }
    })
  }

  suite.test('an aborted join rejects with the reason, and the others go on', async ({ mp, abortController }) => {
    const queue = new mp.JoinableQueue<number>()
    queue.tryPut(1)
    const control = abortController()
    const aborted = thrown(() => queue.join({ signal: control.signal }))
    const patient = queue.join({ timeout: 2 ** 40 })
    await turns()
    control.abort('enough')
    expect(await aborted).toBe('enough')
    expect(await thrown(() => queue.join({ signal: control.signal }))).toBe('enough')
    queue.taskDone()
    await patient
  })

  suite.test('bad options are refused at the call', ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    for (const [options, kind] of [
      [{ timeout: null }, TypeError],
      [{ timeout: -1 }, RangeError],
      [5, TypeError],
    ] as unknown as [object, ErrorConstructor][]) {
      expect(thrownAtOnce(() => queue.join(options))).toBeInstanceOf(kind)
      if (sync) expect(thrownAtOnce(() => queue.joinSync(options))).toBeInstanceOf(kind)
    }
    expect(thrownAtOnce(() => queue.join({ signal: {} as AbortSignal }))).toBeInstanceOf(TypeError)
    const { signal } = new AbortController()
    if (sync) expect(thrownAtOnce(() => queue.joinSync({ signal } as object))).toBeInstanceOf(TypeError)
  })
}
