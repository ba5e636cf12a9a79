import { type Guard, type Lock, type SharedArray, TimeoutError, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import { randomFrom } from '../support/random.js'

/** What is written down inside the critical section. */
export const Seen = { count: 0, inside: 1, intruders: 2 } as const
type Notes = SharedArray<'int32'>

/** Adds 1 in steps that another could come between, and notes where one did. */
function enter(seen: Notes): () => void {
  if (seen[Seen.inside] !== 0) seen[Seen.intruders] = (seen[Seen.intruders] as number) + 1
  seen[Seen.inside] = 1
  const before = seen[Seen.count] as number
  return () => {
    seen[Seen.count] = before + 1
    seen[Seen.inside] = 0
  }
}

/** `times` critical sections, by every way to take the lock in turn. */
export const count = task(import.meta, async function count(lock: Lock, seen: Notes, times: number, form: Form) {
  for (let n = 0; n < times; n++) {
    if (form === 'sync') countSync(lock, seen, n)
    else await countAsync(lock, seen, n)
  }
})

function countSync(lock: Lock, seen: Notes, n: number): void {
  if (n % 3 === 0) {
    lock.runExclusiveSync(() => enter(seen)())
    return
  }
  const guard = (n % 3 === 1 ? lock.tryAcquire() : undefined) ?? lock.acquireSync()
  enter(seen)()
  guard.release()
}

async function countAsync(lock: Lock, seen: Notes, n: number): Promise<void> {
  const inside = async () => {
    const leave = enter(seen)
    // Now and then a whole turn of the event loop passes inside.
    await (n % 50 === 0 ? new Promise(setImmediate) : undefined)
    leave()
  }
  if (n % 2 === 0) return lock.runExclusive(inside)
  const guard = await lock.acquire()
  await inside()
  guard.release()
}

/** `flows` async flows of this agent at the same time. */
export const countInFlows = task(import.meta, async function countInFlows(lock: Lock, seen: Notes, flows: number, times: number) {
  const flow = async () => {
    for (let n = 0; n < times; n++) await countAsync(lock, seen, n)
  }
  await Promise.all(Array.from({ length: flows }, flow))
})

export const releaseOnce = task(import.meta, function releaseOnce(lock: Lock) {
  lock.release()
})

/** Acquires `times` times with timeouts so short that many expire as the lock becomes free. Adds its successes to `taken`. */
export const acquireImpatiently = task(
  import.meta,
  async function acquireImpatiently(lock: Lock, taken: Value, times: number, form: Form, seed: number) {
    const random = randomFrom(seed)
    for (let n = 0; n < times; n++) {
      const timeout = random() * 0.5
      try {
        const guard = form === 'sync' ? lock.acquireSync({ timeout }) : await lock.acquire({ timeout })
        guard.release()
        taken.add(1)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    }
  },
)

/** Acquires `times` times, aborting those that take more than a turn of the event loop. */
export const acquireAborting = task(import.meta, async function acquireAborting(lock: Lock, taken: Value, times: number) {
  for (let n = 0; n < times; n++) {
    const controller = new AbortController()
    const abort = setImmediate(() => controller.abort())
    let guard: Guard | undefined
    try {
      guard = await lock.acquire({ signal: controller.signal })
      taken.add(1)
    } catch (error) {
      if (error !== controller.signal.reason) throw error
    }
    clearImmediate(abort)
    guard?.release()
  }
})

/** Acquires without a limit: whoever swallows a wake-up meant for it leaves it asleep. */
export const acquirePatiently = task(import.meta, async function acquirePatiently(lock: Lock, times: number, form: Form) {
  for (let n = 0; n < times; n++) {
    const guard = form === 'sync' ? lock.acquireSync() : await lock.acquire()
    if (n % 10 === 0) spin(100)
    guard.release()
  }
})

/**
 * Competes with `parties - 1` others until all together have had `total` turns; notes its own in `turns[me]`. Turns count once every contender has had
 * the lock: who has not been scheduled yet does not compete. That is noted behind the turns.
 */
export const compete = task(
  import.meta,
  async function compete(lock: Lock, turns: SharedArray<'int32'>, parties: number, me: number, total: number, form: Form) {
    let counting = false
    for (;;) {
      const guard = form === 'sync' ? lock.acquireSync() : await lock.acquire()
      turns[parties + me] = 1
      counting ||= turns.subarray(parties).every((one) => one === 1)
      const sum = counting ? turns.subarray(0, parties).reduce((all, one) => all + one, 0) : 0
      if (counting && sum < total) turns[me] = (turns[me] as number) + 1
      guard.release()
      if (sum >= total) return
    }
  },
)

function spin(times: number): void {
  for (let n = 0; n < times; n++) performance.now()
}
