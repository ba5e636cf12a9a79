import { type Queue, QueueEmptyError, QueueFullError, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import type { Operation } from '../support/linearizability.js'
import { randomFrom } from '../support/random.js'

/** How one agent takes part in a history. */
export interface Share {
  /** Of its own: its items are numbered from `caller * 1e6`. */
  readonly caller: number
  readonly form: Form
  readonly calls: number
  readonly seed: number
}

/** Puts and gets at random, and reports how each call ended and when. */
export const record = task(
  import.meta,
  async function record(queue: Queue<number>, clock: Value, ready: Value, all: number, report: Queue<Operation[]>, share: Share) {
    const { caller, form, calls, seed } = share
    const random = randomFrom(seed)
    const log: Operation[] = []
    let next = caller * 1e6
    // Histories of those who come one after the other show nothing.
    ready.add(1)
    while (ready.value < all) await new Promise((resolve) => setImmediate(resolve))
    for (let n = 0; n < calls; n++) {
      const waits = random() < 0.5
      const putting = random() < 0.5
      const called = clock.add(1)
      const [item, outcome] = putting ? await put(queue, next++, form, waits) : await get(queue, form, waits)
      log.push({ called, returned: clock.add(1), kind: putting ? 'put' : 'get', item, outcome })
    }
    await report.put(log)
  },
)

type Ended = readonly [item: number | undefined, outcome: Operation['outcome']]

/** ms. Short: all may come to wait for one another. */
const PATIENCE = { timeout: 1 }

async function put(queue: Queue<number>, item: number, form: Form, waits: boolean): Promise<Ended> {
  if (!waits) return [item, queue.tryPut(item) ? 'done' : 'refused']
  try {
    if (form === 'sync') queue.putSync(item, PATIENCE)
    else await queue.put(item, PATIENCE)
    return [item, 'done']
  } catch (error) {
    if (error instanceof QueueFullError) return [item, 'gaveUp']
    throw error
  }
}

async function get(queue: Queue<number>, form: Form, waits: boolean): Promise<Ended> {
  if (!waits) {
    const item = queue.tryGet()
    return [item, item === undefined ? 'refused' : 'done']
  }
  try {
    return [form === 'sync' ? queue.getSync(PATIENCE) : await queue.get(PATIENCE), 'done']
  } catch (error) {
    if (error instanceof QueueEmptyError) return [undefined, 'gaveUp']
    throw error
  }
}
