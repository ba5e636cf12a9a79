import { type Context, type Lock, type LockOptions, OwnerDiedError, type Process } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite, Tools } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { acquireAndTell, beatHolding, type Death, die, dieByProxy, holdAndPrint, waitFor } from '../../workers/holding.js'

/** ms within which waiters learn of a holder's death, by contract. */
const LEARNT_WITHIN = 200

/** What ends a holder from within; and the exit code that it leaves. */
const DEATHS: Record<Death, number> = {
  'an ordinary return': 0,
  'process.exit(0)': 0,
  'process.exit(3)': 3,
  'an uncaught error': 1,
}

/** What becomes of a lock whose holder dies. */
export function ownerDeath(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const [way, end] of Object.entries(KILLS)) {
    suite.test(`a holder ended by ${way}: a waiter of its starter learns it in time`, async (tools) => {
      const { lock, holder } = await held(tools)
      const learnt = learns(lock.acquire())
      end(holder)
      await expectLearntInTime(tools, learnt, holder)
    })
  }

  for (const death of Object.keys(DEATHS) as Death[]) {
    suite.test(`a holder ended by ${death}: a waiter of its starter learns it in time`, async (tools) => {
      const { lock, holder, proceed } = await held(tools, death)
      const learnt = learns(lock.acquire())
      proceed()
      await expectLearntInTime(tools, learnt, holder)
      expect(holder.exitCode).toBe(DEATHS[death])
    })
  }

  for (const form of forms) {
    suite.test(`waiters in other agents learn it in time (${form})`, async (tools) => {
      const { lock, holder } = await held(tools)
      const answers = new tools.mp.Queue<[code: string, message: string]>()
      const waiters = [1, 2].map(() => new tools.mp.Process({ target: acquireAndTell, args: [lock, answers, form] }).start())
      await expectAnswer(answers, ['waiting', ''], ['waiting', ''])
      holder.terminate()
      await holder.join()
      const ended = performance.now()
      for (const _ of waiters) {
        const [code, message] = await answers.get()
        expect(code).toBe('MP_OWNER_DIED')
        expect(message).toContain(holder.name)
      }
      expect(performance.now() - ended).toBeLessThan(tools.within(LEARNT_WITHIN))
      await Promise.all(waiters.map((one) => one.join()))
    })
  }

  suite.test(
    'a sync waiter learns it in time while it blocks the event loop of the starter',
    async (tools) => {
      const timeout = tools.within(10_000)
      for (const end of [...Object.values(KILLS), undefined]) {
        const { lock, holder, proceed } = await held(tools, end ? 'an ordinary return' : 'process.exit(3)')
        if (end) end(holder)
        else proceed()
        const start = performance.now()
        const error = thrownAtOnce(() => lock.acquireSync({ timeout }))
        // Its way to the end is part of this time.
        expect(performance.now() - start).toBeLessThan(tools.within(LEARNT_WITHIN + 200))
        expectNamed(error, holder)
        expectNamed(
          thrownAtOnce(() => lock.tryAcquire()),
          holder,
        )
        lock.recoverSync({ timeout }).release()
        await holder.join()
      }
    },
    { liveness: 'anytime' },
  )

  suite.test(
    'a holder that has printed something is found dead, too, while the event loop of the starter is blocked',
    async ({ mp, within }) => {
      const lock = new mp.Lock()
      const held = new mp.Queue()
      const holder = new mp.Process({ target: holdAndPrint, args: [lock, held] }).start()
      held.getSync({ timeout: within(10_000) })
      const error = thrownAtOnce(() => lock.acquireSync({ timeout: within(10_000) }))
      expectNamed(error, holder)
      expect(holder.joinSync({ timeout: within(10_000) })).toBe(0)
      lock.recoverSync({ timeout: within(10_000) }).release()
    },
    { liveness: 'anytime' },
  )

  suite.test(
    'waiters in other agents learn it while the event loop of the starter is blocked',
    async (tools) => {
      const { mp } = tools
      const timeout = tools.within(10_000)
      for (const form of forms) {
        const { lock, holder } = await held(tools)
        const answers = new mp.Queue<[code: string, message: string]>()
        const waiter = new mp.Process({ target: acquireAndTell, args: [lock, answers, form] }).start()
        expect(answers.getSync({ timeout })).toEqual(['waiting', ''])
        holder.terminate()
        const start = performance.now()
        expect(answers.getSync({ timeout })[0]).toBe('MP_OWNER_DIED')
        expect(performance.now() - start).toBeLessThan(tools.within(LEARNT_WITHIN + 200))
        await waiter.join()
      }
    },
    { liveness: 'anytime' },
  )

  suite.test('every acquire throws until recover(), whose guard says so; then all is as ever', async (tools) => {
    const { within } = tools
    for (const recover of [(lock: Lock) => lock.recover(), (lock: Lock) => lock.recoverSync({ timeout: within(10_000) })]) {
      const { lock, holder } = await held(tools)
      holder.kill()
      await holder.join()
      for (let n = 0; n < 2; n++) {
        expectNamed(await thrown(() => lock.acquire()), holder)
        expectNamed(await thrown(() => lock.runExclusive(() => {})), holder)
        expectNamed(
          thrownAtOnce(() => lock.tryAcquire()),
          holder,
        )
        expectNamed(
          thrownAtOnce(() => lock.acquireSync({ timeout: within(10_000) })),
          holder,
        )
        expectNamed(
          thrownAtOnce(() => lock.runExclusiveSync(() => {}, { timeout: within(10_000) })),
          holder,
        )
      }
      const guard = await recover(lock)
      expect([guard.ownerDied, lock.locked, lock.tryAcquire()]).toEqual([true, true, undefined])
      const next = lock.acquire()
      guard.release()
      const after = await next
      expect(after.ownerDied).toBe(false)
      after.release()
      expect((await recover(lock)).ownerDied).toBe(false)
    }
  })

  suite.test('recover() waits for a living holder', async (tools) => {
    const { lock, holder, proceed } = await held(tools)
    const recovering = lock.recover()
    expect(tools.mp.usage().waits).toBe(1)
    proceed()
    await holder.join()
    const guard = await recovering
    expect(guard.ownerDied).toBe(true)
    guard.release()
  })

  suite.test("onOwnerDeath: 'recover': the next acquire succeeds by every form, with ownerDied", async (tools) => {
    const timeout = tools.within(10_000)
    for (const acquire of [
      (lock: Lock) => lock.acquire(),
      (lock: Lock) => lock.acquireSync({ timeout }),
      (lock: Lock) => lock.tryAcquire(),
    ]) {
      const { lock, holder } = await held(tools, 'an ordinary return', { onOwnerDeath: 'recover' })
      holder.terminate()
      await holder.join()
      const guard = await acquire(lock)
      expect([guard?.ownerDied, lock.tryAcquire()]).toEqual([true, undefined])
      guard?.release()
      expect(lock.tryAcquire()?.ownerDied).toBe(false)
    }
  })

  suite.test('onOwnerDeath travels with the lock, and a waiter takes over', async (tools) => {
    const { lock, holder } = await held(tools, 'an ordinary return', { onOwnerDeath: 'recover' })
    const answers = new tools.mp.Queue<[code: string, message: string]>()
    const waiter = new tools.mp.Process({ target: acquireAndTell, args: [lock, answers, forms[0] ?? 'async'] }).start()
    await expectAnswer(answers, ['waiting', ''])
    holder.terminate()
    await expectAnswer(answers, ['acquired', 'ownerDied: true'])
    await waiter.join()
  })

  suite.test('a death is not declared before the holder has really ended', async ({ mp, within, until }) => {
    for (let round = 0; round < 5; round++) {
      const lock = new mp.Lock()
      const beats = new mp.Value('int32', 0, { lock: false })
      const holder = new mp.Process({ target: beatHolding, args: [lock, beats] }).start()
      await until(() => beats.value > 0, 'the holder beating')
      holder.terminate()
      const guard = lock.recoverSync({ timeout: within(10_000) })
      const heard = beats.value
      // Long enough for a living one to count on.
      for (let n = 0; n < 1_000_000 && beats.value === heard; n++);
      expect(beats.value, 'the dead holder goes on').toBe(heard)
      guard.release()
      await holder.join()
    }
  })

  for (const form of forms) {
    suite.test(`one who died waiting (${form}) holds nobody up afterwards`, async ({ mp, within }) => {
      const lock = new mp.Lock()
      const said = new mp.Queue()
      const guard = lock.acquireSync()
      const waiter = new mp.Process({ target: waitFor, args: [lock, said, form] }).start()
      await said.get()
      // Time to fall asleep: where it does not come so far, there is nothing to find.
      await new Promise((resolve) => setTimeout(resolve, 50))
      waiter.kill()
      await waiter.join()
      guard.release()
      // Each look at who does not come any more costs 50 ms: were there one in every few hundred of these, they would take a minute.
      const start = performance.now()
      for (let n = 0; n < 300_000; n++) lock.acquireSync().release()
      expect(performance.now() - start).toBeLessThan(within(20_000))
    })
  }

  suite.test('a holder that ends with the process that started it counts as dead, too', async (tools) => {
    const { mp } = tools
    const lock = new mp.Lock()
    const names = new mp.Queue<string>()
    const starter = new mp.Process({ target: dieByProxy, args: [mp.backend.name, lock, names] }).start()
    const name = await names.get()
    const waiting = thrown(() => lock.acquire())
    starter.terminate()
    expect(await waiting).toBeInstanceOf(OwnerDiedError)
    expect(((await waiting) as Error).message).toContain(name)
    await starter.join()
  })

  suite.test("RLock and a Value's lock behave alike", async (tools) => {
    for (const make of [(mp: Context) => new mp.RLock(), (mp: Context) => new mp.Value('int32').lock as Lock]) {
      const lock = make(tools.mp)
      const { holder } = await held(tools, 'an ordinary return', undefined, lock)
      const waiting = thrown(() => lock.acquire())
      holder.terminate()
      expectNamed(await waiting, holder)
      expectNamed(
        thrownAtOnce(() => lock.tryAcquire()),
        holder,
      )
      const guard = await lock.recover()
      expect(guard.ownerDied).toBe(true)
      guard.release()
      lock.acquireSync().release()
    }
  })
}

const KILLS: Record<string, (holder: Process) => void> = {
  'terminate()': (holder) => holder.terminate(),
  'kill()': (holder) => holder.kill(),
}

/** A lock that another agent holds, until it is ended, or told to `proceed` to its death. */
async function held(
  { mp }: Tools,
  death: Death = 'an ordinary return',
  options?: LockOptions,
  lock: Lock = new mp.Lock(options),
) {
  const said = new mp.Queue()
  const go = new mp.Queue()
  const holder = new mp.Process({ target: die, args: [lock, said, go, death], name: `holder of ${death}` }).start()
  await said.get()
  return { lock, holder, proceed: () => go.putSync('now') }
}

async function learns(waiting: Promise<unknown>): Promise<{ error: unknown; at: number }> {
  const error = await thrown(() => waiting)
  return { error, at: performance.now() }
}

async function expectLearntInTime({ within }: Tools, learning: ReturnType<typeof learns>, holder: Process): Promise<void> {
  await holder.join()
  const ended = performance.now()
  const { error, at } = await learning
  expectNamed(error, holder)
  expect(at - ended).toBeLessThan(within(LEARNT_WITHIN))
}

function expectNamed(error: unknown, holder: Process): void {
  expect(error).toMatchObject({ constructor: OwnerDiedError, code: 'MP_OWNER_DIED' })
  expect((error as Error).message).toContain(holder.name)
}

async function expectAnswer<T>(answers: { get(): Promise<T> }, ...expected: T[]): Promise<void> {
  for (const one of expected) expect(await answers.get()).toEqual(one)
}
