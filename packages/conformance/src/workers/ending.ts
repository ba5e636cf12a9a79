import { type Queue, registerError, task, type Value } from '@multiproc/core'

/** Ends when told. */
export const waitFor = task(import.meta, async function waitFor(go: Queue) {
  await go.get()
})

/** What an agent can be in the middle of. */
export type Occupation =
  | 'an async wait'
  | 'a sync wait'
  | 'Atomics.wait'
  | 'an endless loop'
  | 'a timer'
  | 'an endless microtask loop'

/** Says that it is at it, and stays there. */
export const stayIn = task(import.meta, async function stayIn(occupation: Occupation, arrived: Queue, never: Queue) {
  arrived.putSync(occupation)
  switch (occupation) {
    case 'an async wait':
      await never.get()
      return
    case 'a sync wait':
      never.getSync()
      return
    case 'Atomics.wait':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      return
    case 'an endless loop':
      for (;;);
    case 'a timer':
      setInterval(() => {}, 1_000_000)
      return
    case 'an endless microtask loop':
      for (;;) await null
  }
})

/** Returns at once and leaves timers behind, one setting the next. */
export const leaveTimers = task(import.meta, function leaveTimers(done: Value) {
  let left = 3
  const again = () => {
    done.add(1)
    if (--left > 0) setTimeout(again, 2)
  }
  setTimeout(again, 2)
})

/** Returns at once with a get under way, whose item it counts. */
export const leaveGet = task(import.meta, function leaveGet(arrived: Queue, items: Queue<number>, sum: Value) {
  void items.get().then((item) => sum.add(item))
  arrived.putSync('returned')
})

/** Fails as told. */
export const fail = task(import.meta, async function fail(how: Failure, thrown: unknown) {
  switch (how) {
    case 'throws':
      throw thrown
    case 'rejects':
      return Promise.reject(thrown)
    case 'throws after a while':
      await new Promise(setImmediate)
      throw thrown
    case 'throws in a timer':
      setTimeout(() => {
        throw thrown
      }, 1)
      return
    case 'leaves a rejection unhandled':
      void Promise.reject(thrown)
      return
  }
})

/** How a target can fail. */
export type Failure = 'throws' | 'rejects' | 'throws after a while' | 'throws in a timer' | 'leaves a rejection unhandled'

/** An error class with something of its own. */
export class ConformanceError extends RangeError {
  override readonly name = 'ConformanceError'
  readonly code = 'E_CONFORMANCE'
  constructor(
    message: string,
    readonly detail: { readonly n: number },
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export const throwOwnClass = task(import.meta, function throwOwnClass(registered = false) {
  if (registered) registerError(ConformanceError)
  throw new ConformanceError('of its own', { n: 5 }, { cause: new TypeError('the cause') })
})

export const throwNothing = task(import.meta, function throwNothing(kind: 'undefined' | 'symbol') {
  throw kind === 'undefined' ? undefined : Symbol('odd')
})

/** What becomes of an uncaught error for which the program listens. */
export type Survival =
  | 'and then fails'
  | 'and then returns'
  | 'and then exits'
  | 'but exits with 0'
  | 'but exits with 5'
  | 'of its own'

/** Survives an uncaught error, as told. */
export const surviveError = task(import.meta, async function surviveError(how: Survival) {
  const survived = new Promise<void>((resolve) => {
    process.once('uncaughtException', () => {
      if (how === 'but exits with 0') process.exit(0)
      if (how === 'but exits with 5') process.exit(5)
      resolve()
    })
  })
  if (how === 'of its own') throw new RangeError('of the target')
  setTimeout(() => {
    throw new TypeError('survived')
  }, 1)
  await survived
  await new Promise(setImmediate)
  if (how === 'and then exits') process.exit(3)
  if (how === 'and then fails') throw new RangeError('fatal')
})
