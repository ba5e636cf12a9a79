import { ClosedError, type Queue, type SharedArray, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** An item by whose content damage shows: most small, some beyond a page. */
export interface Sealed {
  readonly from: number
  readonly n: number
  readonly seal: Uint8Array
}

export function sealed(from: number, n: number): Sealed {
  return { from, n, seal: new Uint8Array(n % 40 === 7 ? 20_000 : n % 30).fill(n) }
}

export function isWhole({ n, seal }: Sealed): boolean {
  return seal.length === (n % 40 === 7 ? 20_000 : n % 30) && seal.every((byte) => byte === (n & 255))
}

/** Puts 0, 1, … until told to stop, counting the puts that are done. */
export const produceUntil = task(
  import.meta,
  async function produceUntil(queue: Queue<Sealed>, from: number, done: Value, stop: Value, form: Form) {
    for (let n = 0; stop.value === 0; n++) {
      if (form === 'sync') queue.putSync(sealed(from, n))
      else await queue.put(sealed(from, n))
      done.value = n + 1
    }
  },
)

/** Gets until shutdown; marks each item, and counts those that are out of order or damaged. */
export const consumeMarking = task(
  import.meta,
  async function consumeMarking(queue: Queue<Sealed>, marks: SharedArray<'uint8'>, got: Value, wrong: Value, form: Form) {
    let last = -1
    try {
      for (;;) {
        const item = form === 'sync' ? queue.getSync() : await queue.get()
        Atomics.add(marks as unknown as Uint8Array, item.n, 1)
        if (item.n <= last || !isWhole(item)) wrong.add(1)
        last = item.n
        got.add(1)
      }
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
    }
  },
)

/** Puts some items and is gone at once. */
export const putAndExit = task(
  import.meta,
  async function putAndExit(queue: Queue<Sealed>, count: number, form: Form, how: 'return' | 'exit') {
    for (let n = 0; n < count; n++) {
      if (form === 'sync') queue.putSync(sealed(0, n))
      else await queue.put(sealed(0, n))
    }
    if (how === 'exit') process.exit(0)
  },
)

/** Puts some items, says so, and never ends. */
export const putAndHang = task(import.meta, function putAndHang(queue: Queue<Sealed>, count: number, done: Value) {
  for (let n = 0; n < count; n++) while (!queue.tryPut(sealed(0, n)));
  done.value = 1
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
