import { ClosedError, type Lock, type Queue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** An item that says where it comes from. */
export interface Numbered {
  readonly from: number
  readonly n: number
  /** Makes items of many lengths: small ones, some beyond what fits beside others, a few beyond a page. */
  readonly pad: string
}

export function numbered(from: number, n: number): Numbered {
  return { from, n, pad: '#'.repeat(n % 50 === 0 ? 6_000 : (n * 7) % 200) }
}

/** Puts `count` items. Of several forms, each in turn. */
export const produce = task(
  import.meta,
  async function produce(queue: Queue<Numbered>, from: number, count: number, forms: readonly Form[]) {
    for (let n = 0; n < count; n++) {
      if (forms[n % forms.length] === 'sync') queue.putSync(numbered(from, n))
      else await queue.put(numbered(from, n))
    }
  },
)

/** Gets until the queue is shut down and drained; reports what came. Of several forms, each in turn. */
export const consume = task(
  import.meta,
  async function consume(queue: Queue<Numbered>, report: Queue<[from: number, n: number][]>, forms: readonly Form[]) {
    const seen: [from: number, n: number][] = []
    try {
      for (;;) {
        const { from, n, pad } = forms[seen.length % forms.length] === 'sync' ? queue.getSync() : await queue.get()
        if (pad !== numbered(from, n).pad) throw new Error(`item ${n} of producer ${from} arrived damaged`)
        seen.push([from, n])
      }
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
    }
    await report.put(seen)
  },
)

/** Puts the next number, one process at a time: so the puts of all have one order. */
export const putInTurn = task(
  import.meta,
  async function putInTurn(queue: Queue<number>, lock: Lock, next: Value, count: number, form: Form) {
    for (let n = 0; n < count; n++) {
      if (form === 'sync') lock.runExclusiveSync(() => queue.putSync(next.add(1)))
      else await lock.runExclusive(() => queue.put(next.add(1)))
    }
  },
)

/** Gets one process at a time, and counts what is not the next number. */
export const getInTurn = task(
  import.meta,
  async function getInTurn(queue: Queue<number>, lock: Lock, next: Value, wrong: Value, count: number, form: Form) {
    const check = (item: number) => {
      if (item !== next.add(1)) wrong.add(1)
    }
    for (let n = 0; n < count; n++) {
      if (form === 'sync') lock.runExclusiveSync(() => check(queue.getSync()))
      else await lock.runExclusive(async () => check(await queue.get()))
    }
  },
)

/** Puts, and says so after each put. */
export const putAndTell = task(import.meta, function putAndTell(queue: Queue<number>, told: Value, from: number, count: number) {
  for (let n = from; n < from + count; n++) {
    while (!queue.tryPut(n));
    told.add(1)
  }
})

/** For each put that it was told of, and nobody else has claimed, finds an item without waiting. Counts when it does not. */
export const takeWhatWasTold = task(
  import.meta,
  function takeWhatWasTold(queue: Queue<number>, told: Value, taken: Value, sum: Value<bigint>, empty: Value, count: number) {
    while (taken.value < count) {
      const seen = told.value
      if (seen === 0 || told.compareExchange(seen, seen - 1) !== seen) continue
      const item = queue.tryGet()
      if (item === undefined) empty.add(1)
      else sum.add(BigInt(item))
      taken.add(1)
    }
  },
)

/** Sends back what comes, until nothing more will. */
export const echo = task(import.meta, async function echo(inbox: Queue, outbox: Queue) {
  for await (const item of inbox) await outbox.put(item)
})
