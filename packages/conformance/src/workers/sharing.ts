import { getContext, type Lock, type Queue, type SharedArray, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import { makeAll, type Nested, nest, type SharedKinds, touchAll, unnest } from '../support/shared-kinds.js'

/** Touches what it got; its exit code is the number of problems, which it prints. */
export const touch = task(import.meta, function touch(things: SharedKinds) {
  const problems = touchAll(things)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length
})

/** The same for what comes nested. */
export const touchNested = task(import.meta, function touchNested(nested: Nested) {
  touch(unnest(nested))
})

/** As `touch`, for pools: gives the problems. */
export const touched = task(import.meta, function touched(things: SharedKinds) {
  return touchAll(things)
})

/** The same for what comes nested, and gives it all back. */
export const touchedAndBack = task(import.meta, function touchedAndBack(nested: Nested) {
  return { problems: touchAll(unnest(nested)), nested }
})

/** Touches what comes through a queue, `times` times. */
export const touchFromQueue = task(
  import.meta,
  async function touchFromQueue(arrivals: Queue<Nested>, answers: Queue<string[]>, form: Form, times: number) {
    for (let n = 0; n < times; n++) {
      const nested = form === 'sync' ? arrivals.getSync() : await arrivals.get()
      await answers.put(touchAll(unnest(nested)))
    }
  },
)

/** Makes one of each, sends them up, and waits until they were touched: gives what is wrong with them then. */
export const makeAndCheck = task(
  import.meta,
  async function makeAndCheck(backend: string, up: Queue<Nested>, done: Queue, answers: Queue<string[]>) {
    const { things, problems } = makeAll(await getContext(backend))
    await up.put(nest(things))
    await done.get()
    await answers.put(problems())
  },
)

/** Makes a Value of `n` in the agent that runs this. */
export const makeValue = task(import.meta, async function makeValue(backend: string, n: number) {
  const mp = await getContext(backend)
  return { value: new mp.Value('int32', n), array: new mp.Array('int8', [n]) }
})

/** Sets the last element of each array that comes, and says its length. */
export const setLast = task(
  import.meta,
  function setLast(arrivals: Queue<SharedArray<'uint8'>>, answers: Queue<number>, times: number) {
    answers.putSync(0)
    for (let n = 0; n < times; n++) {
      const array = arrivals.getSync()
      array[array.length - 1] = 99
      answers.putSync(array.length)
    }
  },
)

/** Makes an array of so many bytes and sends it. */
export const makeArray = task(
  import.meta,
  async function makeArray(backend: string, to: Queue<SharedArray<'uint8'>>, bytes: number) {
    const mp = await getContext(backend)
    await to.put(new mp.Array('uint8', bytes))
  },
)

/** Passes on what comes. */
export const relay = task(import.meta, async function relay(from: Queue, to: Queue) {
  await to.put(await from.get())
})

/** Whether what came is the same object, however often it came. */
export const compare = task(
  import.meta,
  function compare(one: Twice, other: Twice, items: Queue<Twice>, answers: Queue<boolean[]>) {
    const [third, fourth] = [items.getSync(), items.getSync()]
    const all = [one.first, one.second, other.first, other.second, third.first, third.second, fourth.first, fourth.second]
    const { value, lock } = one
    answers.putSync([
      all.every((object) => object === all[0]),
      value === other.value && value === third.value,
      [value.lock, value.lock, other.lock, third.lock].every((one) => one === lock),
      one.given.lock === one.givenLock && other.given.lock === one.givenLock,
      one !== other,
    ])
  },
)

/** The same objects, each several times in one message. */
export interface Twice {
  readonly first: object
  readonly second: object
  readonly value: Value
  readonly lock: Lock | undefined
  readonly given: Value
  readonly givenLock: Lock
}

/** Holds what it got and what it makes itself, until it is ended. */
export const hold = task(import.meta, async function hold(backend: string, things: unknown, arrived: Queue, never: Queue) {
  const mp = await getContext(backend)
  const own = Array.from({ length: 50 }, () => new mp.Value('int32', 0))
  // Made known to others, so that they are more than this agent's own.
  await arrived.put({ own, more: [new mp.Queue(), new mp.Lock(), new mp.Array('float64', 1000)] })
  await never.get()
  return [things, own]
})

/** Sends a Value of 42 that nobody else has, and ends. */
export const sendOrphan = task(import.meta, async function sendOrphan(backend: string, to: Queue) {
  const mp = await getContext(backend)
  const inner = new mp.Queue()
  const lock = new mp.Lock()
  const value = new mp.Value('int32', 42, { lock })
  await inner.put(value)
  await to.put({ value, inner, array: new mp.Array('int32', [1, 2, 3]).subarray(1) })
})

/** Sends back what comes, keeping nothing. */
export const echo = task(import.meta, async function echo(from: Queue, to: Queue, times: number) {
  for (let n = 0; n < times; n++) await to.put(await from.get())
})
