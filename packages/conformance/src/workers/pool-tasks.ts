import { type Queue, type SharedArray, task, type Value } from '@multiproc/core'

/** An item that marks that it ran. */
export interface Marked {
  readonly n: number
  readonly ran: SharedArray<'uint8'>
}

export const square = task(import.meta, function square(n: number) {
  return n * n
})

/** Takes the longer the earlier the item, so that later ones are done first. */
export const squareLate = task(import.meta, function squareLate(n: number) {
  let waste = 0
  for (let k = 0; k < (n % 7 === 0 ? 200_000 : 10); k++) waste += k
  return waste < 0 ? 0 : n * n
})

/** Marks its item; fails for some. */
export const failSome = task(import.meta, function failSome({ n, ran }: Marked) {
  ran[n] = 1
  if (n % 10 === 3) throw new RangeError(`item ${n}`)
  return n
})

/** As failSome, asynchronously; the earlier of two neighbours fails later. */
export const failSomeLater = task(import.meta, async function failSomeLater({ n, ran }: Marked) {
  ran[n] = 1
  for (let turn = n % 3; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  if (n % 10 === 3) throw new RangeError(`item ${n}`)
  return n
})

/** Throws what cannot be sent as a target's argument. */
export const throwIt = task(import.meta, function throwIt(what: string): never {
  switch (what) {
    case 'null':
      throw null
    case 'undefined':
      throw undefined
    case 'string':
      throw 'only a string'
    case 'symbol':
      throw Symbol('a symbol')
    case 'number':
      throw 42
    case 'object':
      throw { code: 'E_PLAIN', list: [1] }
    case 'function':
      throw function named() {}
    case 'rich': {
      const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' })
      throw Object.assign(new RangeError('outer', { cause }), { code: 'E_OUTER', detail: { at: [1, 2] } })
    }
    case 'aggregate':
      throw new AggregateError([new SyntaxError('one'), 'two'], 'several')
    case 'system':
      process.kill(process.pid, 'SIGNOTHING' as NodeJS.Signals)
      throw new Error('not reached')
    case 'own class': {
      class UnknownHereError extends Error {
        override name = 'UnknownHereError'
        code = 'E_OWN'
      }
      throw new UnknownHereError('mine')
    }
    case 'with a function':
      throw Object.assign(new Error('holds a function'), { callback: () => {}, kept: 1 })
    case 'hostile': {
      const error = new Error('cannot be read')
      for (const key of ['message', 'stack', 'code', 'cause']) {
        Object.defineProperty(error, key, {
          enumerable: true,
          get() {
            throw new Error('no')
          },
        })
      }
      throw error
    }
    case 'proxy':
      throw new Proxy(new Error('behind a proxy'), {})
    default:
      throw new Error(`not known: ${what}`)
  }
})

/** Announces itself and waits for ever, with its thread blocked. */
export const block = task(import.meta, function block(started: Value) {
  started.add(1)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})

/** Announces itself and computes for ever. */
export const spin = task(import.meta, function spin(started: Value) {
  started.add(1)
  for (;;);
})

/** Announces itself and never settles. */
export const pend = task(import.meta, function pend(started: Value) {
  started.add(1)
  return new Promise<void>(() => {})
})

/** An item that waits for a gate. */
export interface Gated extends Marked {
  /** Counts those that have come. */
  readonly came: Value
  /** Opened by its shutdown. */
  readonly gate: Queue
}

/** Waits until the gate is opened; marks that it ran. */
export const passGate = task(import.meta, async function passGate({ n, ran, came, gate }: Gated) {
  came.add(1)
  for await (const _ of gate);
  ran[n] = 1
  return n
})

/** Takes away its own worker. */
export const die = task(import.meta, async function die(how: 'exit' | 'throw later' | 'reject', code: number) {
  if (how === 'exit') process.exit(code)
  if (how === 'throw later') {
    setImmediate(() => {
      throw new RangeError('uncaught')
    })
  } else void Promise.reject(new RangeError('uncaught'))
  await new Promise<void>(() => {})
})

/** Marks its item; takes its worker away at one of them. */
export const dieAt = task(import.meta, function dieAt({ n, ran, last }: Marked & { last: number }) {
  if (n === last) process.exit(7)
  ran[n] = 1
  return n
})

/** Is done, and takes its worker away afterwards. */
export const dieAfterwards = task(import.meta, function dieAfterwards(code: number) {
  setTimeout(() => process.exit(code), 0)
  return 'done'
})
