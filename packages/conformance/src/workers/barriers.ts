import { type Barrier, type Queue, type SharedArray, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** What a party's wait gave: its index, or the code of what it threw, or else its message. */
export type Result = number | string

async function arrive(barrier: Barrier, form: Form, timeout?: number): Promise<Result> {
  try {
    return form === 'sync' ? barrier.waitSync({ timeout }) : await barrier.wait({ timeout })
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}

/** Arrives once, and tells what came of it. */
export const arriveAndTell = task(
  import.meta,
  async function arriveAndTell(barrier: Barrier, results: Queue<Result>, form: Form, timeout?: number) {
    results.putSync(await arrive(barrier, form, timeout))
  },
)

/** Arrives each time when told to, until told to stop; tells what came of each. */
export const arriveOnDemand = task(
  import.meta,
  async function arriveOnDemand(barrier: Barrier, results: Queue<Result>, demands: Queue<boolean>, form: Form) {
    while (await demands.get()) results.putSync(await arrive(barrier, form))
  },
)

/** Goes through rounds with the others, and counts how often one of them was not where it had to be; and who was which. */
export const keepStep = task(
  import.meta,
  async function keepStep(
    barrier: Barrier,
    rounds: SharedArray<'int32'>,
    indices: SharedArray<'int32'>,
    strays: Value,
    me: number,
    count: number,
    form: Form,
  ) {
    for (let round = 1; round <= count; round++) {
      rounds[me] = round
      const index = form === 'sync' ? barrier.waitSync() : await barrier.wait()
      Atomics.add(indices as unknown as Int32Array, index, 1)
      // All others are in this round, or, where they are ahead, wait in the next one.
      for (const other of rounds) if (other !== round && other !== round + 1) strays.add(1)
    }
  },
)

/** A barrier's action that takes a while, so that there is time to kill the one that runs it. */
export const actForEver = task(import.meta, async function actForEver() {
  await new Promise((resolve) => setTimeout(resolve, 1_000_000))
})

let acted = 0

/** How often it has acted in this agent. */
export const act = task(import.meta, function act() {
  acted++
})

/** Arrives so often, and tells how often the action was run here. */
export const arriveAndCount = task(
  import.meta,
  async function arriveAndCount(barrier: Barrier, counts: Queue<number>, times: number, form: Form) {
    for (let n = 0; n < times; n++) await arrive(barrier, form)
    counts.putSync(acted)
  },
)
