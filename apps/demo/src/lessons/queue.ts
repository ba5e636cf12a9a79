import { type Queue, task } from '@multiproc/core'
import { count } from '../format.js'
import type { Job, Outcome } from '../job.js'
import { joinAll } from '../join-all.js'

const ITEMS = 1000
const ROOM = 16

interface Parcel {
  readonly from: string
  readonly n: number
}

/** `put` waits while the queue is full; when it is done, the item is in shared memory, whatever becomes of this process. */
const produce = task(import.meta, async function produce(from: string, belt: Queue<Parcel>) {
  for (let n = 0; n < ITEMS; n++) await belt.put({ from, n })
})

/** The loop ends when the queue is shut down and nothing is left in it. */
const consume = task(import.meta, async function consume(belt: Queue<Parcel>, receipts: Queue<Parcel[]>) {
  const received: Parcel[] = []
  for await (const parcel of belt) received.push(parcel)
  await receipts.put(received)
})

/** First in, first out: whatever the producers' pace, each one's items arrive in the order in which it put them. */
export const queue: Job = {
  name: 'queue',
  title: 'A Queue',
  about: `Two producers, ${count(ITEMS)} items each, a Queue with room for ${ROOM}, a consumer: first in, first out.`,
  unit: 'items',
  untimed: true,

  async serially() {
    const received: Parcel[] = []
    for (let n = 0; n < ITEMS; n++) received.push({ from: 'Ada', n }, { from: 'Grace', n })
    return arrived(received)
  },

  async on(mp) {
    const belt = new mp.Queue<Parcel>({ maxsize: ROOM })
    const receipts = new mp.Queue<Parcel[]>()
    // `await using`: were one to fail, the others would be ended on the way out, and not wait for it for ever.
    await using consumer = new mp.Process({ target: consume, args: [belt, receipts] }).start()
    await using ada = new mp.Process({ target: produce, args: ['Ada', belt] }).start()
    await using grace = new mp.Process({ target: produce, args: ['Grace', belt] }).start()
    await Promise.all([joinAll([ada, grace]).then(() => belt.shutdown()), joinAll([consumer])])
    return arrived(await receipts.get())
  },
}

/** How the two streams interleave is chance; the order within each is not. */
function arrived(received: readonly Parcel[]): Outcome {
  const orders = ['Ada', 'Grace'].map((name) => received.filter(({ from }) => from === name).map(({ n }) => n))
  const turns = received.filter(({ from }, n) => from !== received[n - 1]?.from).length
  return {
    result: orders,
    items: received.length,
    summary: `${count(received.length)} items arrived, each producer's in its order; they took ${count(turns)} turns`,
  }
}
