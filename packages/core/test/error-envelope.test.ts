import { readFileSync } from 'node:fs'
import { isNativeError } from 'node:util/types'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import * as own from '../src/errors.js'
import { callSite, decodeThrown, encodeThrown, registerError, sendable, withLocalStack } from '../src/wire/error-envelope.js'
import { codec, FakeShared } from './support/codec.js'

/** `thrown` as it arrives on the other side. */
function thrownOver(thrown: unknown): unknown {
  const { encoder, decoder } = codec()
  encodeThrown(encoder, thrown)
  const bytes = encoder.toBytes()
  return decodeThrown(decoder, bytes, 0, bytes.length)
}

function caught(fn: () => unknown): unknown {
  try {
    return fn()
  } catch (error) {
    return error
  }
}

function never(what: string): never {
  throw new Error(`no ${what}`)
}

describe('errors are data', () => {
  test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    '%o arrives with class, message, stack and properties',
    (Class) => {
      const error = Object.assign(new Class('no', { cause: new RangeError('below') }), {
        code: 'E_NO',
        detail: { list: [1, 2n] },
      })
      const arrived = codec().send(error)
      expect(isNativeError(arrived)).toBe(true)
      expect(Object.getPrototypeOf(arrived)).toBe(Class.prototype)
      expect(arrived).toMatchObject({
        message: 'no',
        code: 'E_NO',
        detail: { list: [1, 2n] },
        stack: error.stack,
        name: error.name,
      })
      expect(arrived.cause).toBeInstanceOf(RangeError)
      expect(Object.keys(arrived)).toEqual(['code', 'detail'])
      expect(Object.hasOwn(arrived, 'name')).toBe(false)
    },
  )

  test('an AggregateError with what it gathered', () => {
    const arrived = codec().send(new AggregateError([new TypeError('a'), 'b', undefined], 'many'))
    expect(arrived).toBeInstanceOf(AggregateError)
    expect([arrived.message, arrived.errors.length, arrived.errors[0].message, arrived.errors[1]]).toEqual(['many', 3, 'a', 'b'])
    expect(arrived.errors[0]).toBeInstanceOf(TypeError)
    expect(Object.keys(arrived)).toEqual([])
  })

  test('a message that is not there stays away, an empty one too', () => {
    const { send } = codec()
    expect(Object.hasOwn(send(new Error()), 'message')).toBe(false)
    expect(send(new Error('')).message).toBe('')
  })

  test('cycles through causes, and the same error twice', () => {
    const error = new Error('loop')
    error.cause = { error, list: [error] }
    const [first, second] = codec().send([error, error] as const)
    expect(first).toBe(second)
    expect((first.cause as { error: unknown }).error).toBe(first)
  })

  test('a chain of 5,000 causes', () => {
    let error = new Error('0')
    for (let i = 1; i < 5000; i++) error = new Error(String(i), { cause: error })
    let arrived: unknown = codec().send(error)
    for (let i = 4999; i >= 0; i--) {
      expect((arrived as Error).message).toBe(String(i))
      arrived = (arrived as Error).cause
    }
    expect(arrived).toBeUndefined()
  })

  test.each(['AbortError', 'TimeoutError', 'MadeUpError'])('a DOMException: %s', (name) => {
    const error = new DOMException('stop', name)
    const arrived = codec().send(error)
    expect(arrived).toBeInstanceOf(DOMException)
    expect([arrived.name, arrived.message, arrived.code, arrived.stack]).toEqual([name, 'stop', error.code, error.stack])
  })

  test("Node's own errors keep class, name and code", () => {
    const type = caught(() => readFileSync(5.5)) as NodeJS.ErrnoException
    const system = caught(() => readFileSync('/no/such/file')) as NodeJS.ErrnoException
    const { send } = codec()
    expect(send(type)).toMatchObject({ name: 'TypeError', code: type.code, message: type.message })
    expect(send(type)).toBeInstanceOf(TypeError)
    expect(send(system)).toMatchObject({
      name: 'Error',
      code: 'ENOENT',
      errno: system.errno,
      syscall: 'open',
      path: '/no/such/file',
    })
  })

  test("another realm's error becomes one of ours", () => {
    const arrived = codec().send(vm.runInNewContext('Object.assign(new TypeError("there"), { n: 1 })'))
    expect(arrived).toBeInstanceOf(TypeError)
    expect(arrived).toMatchObject({ message: 'there', n: 1 })
  })

  test('own properties that cannot travel arrive as text', () => {
    const error = Object.assign(new Error('x'), {
      context: { n: 1, callback() {} },
      socket: new MessageChannel().port1,
      fine: [1],
    })
    Object.defineProperty(error, 'broken', { get: () => never('reading'), enumerable: true })
    const arrived = codec().send(error)
    expect(arrived.context).toContain('callback: [Function: callback]')
    expect(arrived.socket).toContain('MessagePort')
    expect(Object.getOwnPropertyDescriptor(arrived, 'broken')?.value).toContain('no reading')
    expect(arrived.fine).toEqual([1])
  })

  test.each([0, 30])('and what was written of them is taken back: among %i other objects', (others) => {
    const before = Array.from({ length: others }, (_, i) => ({ i }))
    const shared = { n: 1 }
    const large = Buffer.alloc(5000, 1)
    let deep: object = {}
    for (let i = 0; i < 150; i++) deep = { deep }
    const context = { shared, large, view: new Uint8Array(3000), handle: new FakeShared(3), deep, callback() {} }
    const error = Object.assign(new Error('x'), { context, shared, again: { i: 0 } })
    const { send, encoder } = codec()
    const arrived = send({ before, error, after: [shared, large, new Uint16Array([1, 2]), { n: 2 }, deep] })
    expect(typeof arrived.error.context).toBe('string')
    expect(arrived.after).toEqual([shared, large, new Uint16Array([1, 2]), { n: 2 }, deep])
    expect(arrived.error.shared).toBe(arrived.after[0])
    expect([arrived.before, arrived.error.again]).toEqual([before, { i: 0 }])
    expect(encoder.handles).toEqual([])
    // The large Buffer once, and not the view.
    expect(encoder.size).toBeLessThan(5000 + 3000 + others * 30)
  })
})

describe('classes', () => {
  class PaymentError extends TypeError {
    readonly amount = 5
    constructor(readonly account: string) {
      super(`refused: ${account}`)
      if (typeof account !== 'string') throw new Error('the constructor ran')
    }
    get summary() {
      return `${this.account} ${this.amount}`
    }
  }

  test('one that nobody registered arrives as the built-in class, with its name', () => {
    class Unknown extends TypeError {}
    class Named extends Error {
      override name = 'GivenName'
    }
    const { send } = codec()
    const arrived = send(new Unknown('x'))
    expect(Object.getPrototypeOf(arrived)).toBe(TypeError.prototype)
    expect([arrived.name, String(arrived)]).toEqual(['Unknown', 'Unknown: x'])
    expect(Object.getOwnPropertyDescriptor(send(new Named('x')), 'name')).toMatchObject({ value: 'GivenName', enumerable: true })
  })

  test('a registered one arrives as itself, its constructor unrun', () => {
    registerError(PaymentError)
    const arrived = codec().send(new PaymentError('ACME'))
    expect(Object.getPrototypeOf(arrived)).toBe(PaymentError.prototype)
    expect(isNativeError(arrived)).toBe(true)
    expect([arrived.summary, arrived.message, arrived.name]).toEqual(['ACME 5', 'refused: ACME', 'TypeError'])
    const other = new { PaymentError: class PaymentError extends Error {} }.PaymentError('of another module')
    expect(Object.getPrototypeOf(codec().send(other))).toBe(Error.prototype)
    class Special extends PaymentError {}
    expect(codec().send(new Special('B'))).toBeInstanceOf(PaymentError)
  })

  test('a registered subclass of AggregateError and of DOMException', () => {
    class Many extends AggregateError {}
    class Stop extends DOMException {}
    registerError(Many)
    registerError(Stop)
    const { send } = codec()
    expect(send(new Many([1], 'm'))).toBeInstanceOf(Many)
    expect(send(new Many([1], 'm')).errors).toEqual([1])
    expect(send(new Stop('s', 'AbortError'))).toBeInstanceOf(Stop)
    expect(send(new Stop('s', 'AbortError')).name).toBe('AbortError')
  })

  test.each(Object.entries(own))('our own %s arrives as itself', (name, Class) => {
    const error =
      name === 'WorkerDiedError'
        ? new own.WorkerDiedError('died', -9, 4711, { cause: new Error('why') })
        : name === 'NotCloneableError'
          ? new own.NotCloneableError('no', 'args[0]')
          : new (Class as typeof own.MultiprocError)('text')
    const arrived = codec().send(error)
    expect(Object.getPrototypeOf(arrived)).toBe(Class.prototype)
    expect(arrived).toStrictEqual(error)
    expect([arrived.name, arrived.code, arrived.stack]).toEqual([name, error.code, error.stack])
  })

  test.each([undefined, null, 'Error', class {}, () => {}, Error.prototype])('registerError(%o) is a TypeError', (Class) => {
    expect(() => registerError(Class as never)).toThrow(TypeError)
    expect(() => registerError(class extends Error {})).toThrow('a class with a name')
  })
})

describe('whatever is thrown arrives', () => {
  test.each([null, undefined, 'text', '', 0, -0, 5n, true, { plain: [1] }])('%o as it is', (thrown) => {
    expect(thrownOver(thrown)).toStrictEqual(thrown)
  })

  test('a symbol and a function as their text', () => {
    expect(thrownOver(Symbol('stop'))).toBe('Symbol(stop)')
    expect(thrownOver(function stop() {})).toBe('[Function: stop]')
  })

  test('an object that cannot travel as an Error that shows it', () => {
    const arrived = thrownOver({ status: 500, retry() {} }) as Error
    expect(isNativeError(arrived)).toBe(true)
    expect(arrived.message).toContain('status: 500')
    expect(thrownOver(new Map([[1, () => {}]]))).toBeInstanceOf(Error)
    expect((thrownOver(Promise.resolve(1)) as Error).message).toContain('Promise')
  })

  test.each<[string, () => unknown]>([
    [
      'a Proxy whose every trap throws',
      () =>
        new Proxy(
          {},
          new Proxy(
            {},
            {
              get() {
                throw new Error('trap')
              },
            },
          ),
        ),
    ],
    [
      'a revoked Proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      },
    ],
    [
      'an error with getters that throw',
      () =>
        // The stack first: V8 forms it when it is first looked at, and asks for name and message then.
        ['stack', 'message', 'name'].reduce(
          (error, key) => Object.defineProperty(error, key, { get: () => never(key) }),
          new Error('x'),
        ),
    ],
    [
      'an error whose custom inspection throws',
      () => ({
        f() {},
        [Symbol.for('nodejs.util.inspect.custom')]() {
          throw new Error('inspect')
        },
      }),
    ],
    [
      'an error with parts that are no strings',
      () => Object.assign(new Error('x'), { message: { a: 1 }, stack: 5, name: Symbol('n') }),
    ],
    [
      'an error deeper than is written in place, with a function in it',
      () => {
        let e: object = { f() {} }
        for (let i = 0; i < 300; i++) e = { e }
        return Object.assign(new Error('deep'), { e })
      },
    ],
    ['a frozen error', () => Object.freeze(new Error('cold'))],
  ])('%s never makes it throw', (_, make) => {
    const arrived = thrownOver(make())
    expect(arrived).toBeInstanceOf(Error)
    expect(typeof (arrived as Error).message).toBe('string')
  })

  test('sendable() gives what can stand in a message', () => {
    const { encoder, send } = codec()
    const error = new Error('x')
    expect([sendable(encoder, error), sendable(encoder, null), sendable(encoder, Symbol('s'))]).toEqual([
      error,
      null,
      'Symbol(s)',
    ])
    expect(send({ reason: sendable(encoder, { f() {} }) }).reason).toBeInstanceOf(Error)
  })
})

describe('withLocalStack', () => {
  function localCaller() {
    return callSite(localCaller)
  }

  test('shows the local stack, and the remote one below it', () => {
    const remote = new TypeError('two\nlines')
    remote.stack = 'TypeError: two\nlines\n    at remoteWork (/far/work.js:1:2)'
    const site = (function caller() {
      return localCaller()
    })()
    expect(withLocalStack(remote, site, 'in worker 3')).toBe(remote)
    const stack = String(remote.stack)
    expect(stack.startsWith('TypeError: two\nlines\n    at caller ')).toBe(true)
    expect(stack).toMatch(/\n {4}--- thrown in worker 3: ---\n {4}at remoteWork \(\/far\/work.js:1:2\)$/)
    expect(stack).not.toContain('localCaller')
  })

  test('leaves what has no stack to write alone', () => {
    const frozen = Object.freeze(new Error('cold'))
    const { stack } = frozen
    expect(withLocalStack(frozen, localCaller(), 'there').stack).toBe(stack)
    expect(withLocalStack(null, localCaller(), 'there')).toBe(null)
    expect(withLocalStack('text', localCaller(), 'there')).toBe('text')
  })
})
