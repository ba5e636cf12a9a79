import {
  ClosedError,
  type Guard,
  type Lock,
  OwnerDiedError,
  type Queue,
  type SharedArray,
  task,
  type Value,
} from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** What is noted under the lock: who is inside (0: nobody), and how often somebody else was. */
export const Inside = { who: 0, intruders: 1 } as const

/**
 * Takes the lock over and over, notes itself inside for a while, and counts its turns; until told to stop.
 * @param dwell how much is done inside
 */
export const takeTurns = task(
  import.meta,
  async function takeTurns(
    lock: Lock,
    notes: SharedArray<'int32'>,
    me: number,
    turns: Value,
    stop: Value,
    dwell: number,
    form: Form,
  ) {
    while (stop.value === 0) {
      const guard = form === 'sync' ? takeSync(lock) : await take(lock)
      // Whom the dead left inside.
      if (guard.ownerDied) notes[Inside.who] = 0
      if (notes[Inside.who] !== 0) notes[Inside.intruders] = (notes[Inside.intruders] as number) + 1
      notes[Inside.who] = me
      for (let n = 0; n < dwell; n++) performance.now()
      notes[Inside.who] = 0
      guard.release()
      turns.add(1)
    }
  },
)

function takeSync(lock: Lock): Guard {
  try {
    return lock.acquireSync()
  } catch (error) {
    if (error instanceof OwnerDiedError) return lock.recoverSync()
    throw error
  }
}

async function take(lock: Lock): Promise<Guard> {
  try {
    return await lock.acquire()
  } catch (error) {
    if (error instanceof OwnerDiedError) return lock.recover()
    throw error
  }
}

/** An item that takes a while to copy, if it is large; damage shows. */
export interface Heavy {
  readonly from: number
  readonly n: number
  readonly content: Uint8Array
}

export function isSound({ n, content }: Heavy): boolean {
  return content.every((byte) => byte === (n & 255))
}

/** Puts 0, 1, … for ever; counts those that it has asked for, and those that are done. */
export const putHeavily = task(
  import.meta,
  async function putHeavily(
    queue: Queue<Heavy>,
    from: number,
    bytes: number,
    asked: Value,
    done: Value,
    stop: Value,
    form: Form,
  ) {
    for (let n = 0; stop.value === 0; n++) {
      const item = { from, n, content: new Uint8Array(bytes).fill(n & 255) }
      asked.value = n + 1
      if (form === 'sync') queue.putSync(item)
      else await queue.put(item)
      done.value = n + 1
    }
  },
)

/** Gets until shutdown: marks each item, counts what is out of order or damaged. */
export const getHeavily = task(
  import.meta,
  async function getHeavily(queue: Queue<Heavy>, marks: SharedArray<'uint8'>, got: Value, wrong: Value, form: Form) {
    let last = -1
    try {
      for (;;) {
        const item = form === 'sync' ? queue.getSync() : await queue.get()
        Atomics.add(marks as unknown as Uint8Array, item.n, 1)
        if (item.n <= last || !isSound(item)) wrong.add(1)
        last = item.n
        got.add(1)
      }
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
    }
  },
)

/** A call that marks where it ran. */
export interface Slow {
  readonly n: number
  readonly ran: SharedArray<'uint8'>
  /** Told the pid of each worker that has come to life. */
  readonly living: Queue<number>
}

let known = false

/** Marks that it ran, and takes its time. */
export const runSlowly = task(import.meta, function runSlowly({ n, ran, living }: Slow) {
  if (!known) living.putSync(process.pid)
  known = true
  Atomics.add(ran as unknown as Uint8Array, n, 1)
  for (let k = 0; k < 3_000; k++) performance.now()
  return n * n
})
