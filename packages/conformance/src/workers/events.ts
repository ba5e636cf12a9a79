import { type Event, type Queue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import { randomFrom } from '../support/random.js'

const released = (event: Event, form: Form, timeout?: number): boolean | Promise<boolean> =>
  form === 'sync' ? event.waitSync({ timeout }) : event.wait({ timeout })

/** Says that it waits, waits, and says what came of it. */
export const waitAndTell = task(
  import.meta,
  async function waitAndTell(event: Event, told: Queue<string | boolean>, form: Form, timeout?: number) {
    // An async wait has begun when this is told.
    const waiting = form === 'async' ? event.wait({ timeout }) : undefined
    told.tryPut('waiting')
    told.tryPut(await (waiting ?? event.waitSync({ timeout })))
  },
)

export const raise = task(import.meta, function raise(event: Event) {
  event.set()
})

/** Hands the turn on `times` times: waits for `mine`, lowers it, counts, raises `next`. */
export const handOn = task(import.meta, async function handOn(mine: Event, next: Event, turns: Value, times: number, form: Form) {
  for (let n = 0; n < times; n++) {
    if (!(await released(mine, form))) throw new Error('a wait without a timeout ran out of time')
    mine.clear()
    // One at a time, so this needs no lock.
    turns.value++
    next.set()
  }
})

/** Waits again and again with little time, until the event is up to stay. Counts the waits that were released. */
export const waitImpatiently = task(
  import.meta,
  async function waitImpatiently(event: Event, stop: Value, count: Value, form: Form, seed: number) {
    const random = randomFrom(seed)
    while (stop.value === 0) if (await released(event, form, random() * 0.5)) count.add(1)
  },
)

/** Waits `times` times, and counts the waits that it has begun and those that are over. */
export const waitOften = task(
  import.meta,
  async function waitOften(event: Event, begun: Value, over: Value, times: number, form: Form) {
    for (let n = 0; n < times; n++) {
      const waiting = form === 'async' ? event.wait() : undefined
      begun.add(1)
      await (waiting ?? event.waitSync())
      over.add(1)
    }
  },
)
