import { type Guard, type Queue, type Semaphore, type SharedArray, TimeoutError, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import { randomFrom } from '../support/random.js'

/** What is noted while a permit is held: how many are inside, the most there ever were, and how often somebody came in. */
export const Noted = { inside: 0, most: 1, entries: 2 } as const
type Notes = SharedArray<'int32'>

const acquired = (semaphore: Semaphore, form: Form): Guard | Promise<Guard> =>
  form === 'sync' ? semaphore.acquireSync() : semaphore.acquire()

function enter(notes: Notes): void {
  const inside = Atomics.add(notes, Noted.inside, 1) + 1
  for (let most = Atomics.load(notes, Noted.most); inside > most; most = Atomics.load(notes, Noted.most)) {
    Atomics.compareExchange(notes, Noted.most, most, inside)
  }
  Atomics.add(notes, Noted.entries, 1)
}

function leave(notes: Notes): void {
  Atomics.sub(notes, Noted.inside, 1)
}

/** Holds a permit `times` times, got in every way in turn. */
export const visit = task(import.meta, async function visit(semaphore: Semaphore, notes: Notes, times: number, form: Form) {
  for (let n = 0; n < times; n++) {
    if (n % 3 === 0) {
      const inside = () => {
        enter(notes)
        leave(notes)
      }
      if (form === 'sync') semaphore.runExclusiveSync(inside)
      else await semaphore.runExclusive(inside)
      continue
    }
    const guard = (n % 3 === 1 ? semaphore.tryAcquire() : undefined) ?? (await acquired(semaphore, form))
    enter(notes)
    // Now and then it stays for a whole turn of the event loop.
    if (n % 50 === 1) await new Promise(setImmediate)
    leave(notes)
    if (n % 2 === 0) guard.release()
    else semaphore.release()
  }
})

/** Takes `times` permits, which are not given back. */
export const takeMany = task(import.meta, async function takeMany(semaphore: Semaphore, times: number, form: Form) {
  for (let n = 0; n < times; n++) await acquired(semaphore, form)
})

/** Gives `times` permits, one after the other. */
export const giveMany = task(import.meta, function giveMany(semaphore: Semaphore, times: number) {
  for (let n = 0; n < times; n++) semaphore.release()
})

/** Says that it waits, takes a permit, and says so. */
export const takeAndTell = task(import.meta, async function takeAndTell(semaphore: Semaphore, told: Queue<string>, form: Form) {
  told.tryPut('waiting')
  await acquired(semaphore, form)
  told.tryPut('taken')
})

/** Takes permits and gives them back with timeouts so short that many expire as a permit comes. Adds its successes to `taken`. */
export const takeImpatiently = task(
  import.meta,
  async function takeImpatiently(semaphore: Semaphore, taken: Value, times: number, form: Form, seed: number) {
    const random = randomFrom(seed)
    for (let n = 0; n < times; n++) {
      const timeout = random() * 0.5
      try {
        const guard = form === 'sync' ? semaphore.acquireSync({ timeout }) : await semaphore.acquire({ timeout })
        guard.release()
        taken.add(1)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    }
  },
)

/** As `takeImpatiently`, aborting the waits that take more than a turn of the event loop. */
export const takeAborting = task(import.meta, async function takeAborting(semaphore: Semaphore, times: number) {
  for (let n = 0; n < times; n++) {
    const controller = new AbortController()
    const abort = setImmediate(() => controller.abort())
    let guard: Guard | undefined
    try {
      guard = await semaphore.acquire({ signal: controller.signal })
    } catch (error) {
      if (error !== controller.signal.reason) throw error
    }
    clearImmediate(abort)
    guard?.release()
  }
})

/** Without a limit: whoever swallows a wake-up meant for it leaves it asleep. */
export const takePatiently = task(import.meta, async function takePatiently(semaphore: Semaphore, times: number, form: Form) {
  for (let n = 0; n < times; n++) {
    const guard = await acquired(semaphore, form)
    if (n % 10 === 0) for (let spin = 0; spin < 100; spin++) performance.now()
    guard.release()
  }
})

/** Takes the one permit over and over, together with others, until told to stop. */
export const takeUntil = task(import.meta, async function takeUntil(semaphore: Semaphore, stop: Value, turns: Value, form: Form) {
  while (stop.value === 0) {
    const guard = await acquired(semaphore, form)
    turns.add(1)
    guard.release()
  }
})

/** Takes a permit over and over, without a pause, until every contender has had `times` turns. */
export const takeUntilAll = task(
  import.meta,
  async function takeUntilAll(semaphore: Semaphore, turns: Notes, me: number, times: number, form: Form) {
    while (turns.some((had) => had < times)) {
      const guard = form === 'sync' ? semaphore.acquireSync() : await semaphore.acquire()
      turns[me] = (turns[me] as number) + 1
      guard.release()
    }
  },
)
