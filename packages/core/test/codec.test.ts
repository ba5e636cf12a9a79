import { createHash, createSecretKey } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { ClosedError, NotCloneableError } from '../src/errors.js'
import { SHARE } from '../src/wire/shareable.js'
import { canon } from './support/canon.js'
import { codec, FakeShared, fakePort } from './support/codec.js'
import { random, randomValue } from './support/random-values.js'

/** Not among the types of this project, which has no DOM. */
const { WebAssembly: webAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } }

/** The NotCloneableError that encoding `value` throws. */
function refusalOf(value: unknown, path = 'item'): NotCloneableError {
  try {
    codec().encoder.encode(value, path)
  } catch (error) {
    expect(error).toBeInstanceOf(NotCloneableError)
    return error as NotCloneableError
  }
  throw new Error('was encoded')
}

describe('data arrives as it was', () => {
  test.each([
    ['integers at the edges', [0, -0, 8388607, 8388608, -8388608, -8388609, 2147483647, -2147483648, 2147483648]],
    ['doubles', [Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1.5, -0]],
    ['bigints', [0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 3n ** 999n, -(3n ** 999n)]],
    [
      'strings',
      [
        '',
        'é',
        '日本',
        '\ud800',
        'a\udc00b',
        '\0',
        'x'.repeat(12),
        'x'.repeat(13),
        'x'.repeat(17),
        `${'x'.repeat(30)}é`,
        `${'x'.repeat(30)}\ud83d`,
      ],
    ],
    [
      'non-ASCII text whose UTF-8 is cut off where its length was',
      ['ééééééééééééééééé€', '€'.repeat(17), 'ÿ'.repeat(17), `${'é'.repeat(16)}😀`],
    ],
    ['a null-prototype object as a plain one', [{ a: 1 }]],
  ])('%s', (_, values) => {
    const { send } = codec()
    for (const value of values) expect(send(value)).toStrictEqual(value)
    expect(send(values)).toStrictEqual(values)
  })

  test('a root integer takes 8 bytes', () => {
    const { encoder, send } = codec()
    expect(send(-7)).toBe(-7)
    expect(encoder.size).toBe(8)
    expect(Object.is(send(-0), -0)).toBe(true)
  })

  test('strings of a hundred megabytes', () => {
    const { send } = codec()
    const text = 'é'.repeat(1 << 25)
    expect(send(text) === text).toBe(true)
    const wide = '日'.repeat(1 << 24)
    expect(send(wide) === wide).toBe(true)
  })

  test('sparse arrays stay sparse, whatever their length says', () => {
    const sparse: number[] = []
    sparse[3] = 1
    sparse[4_000_000_000] = 2
    sparse.length = 4_294_967_295
    const { send, encoder } = codec()
    const arrived = send(sparse)
    expect(encoder.size).toBeLessThan(100)
    expect([arrived.length, Object.entries(arrived)]).toEqual([
      4_294_967_295,
      [
        ['3', 1],
        ['4000000000', 2],
      ],
    ])
  })

  test('integers followed by something else, at any length', () => {
    for (let length = 0; length < 20_000; length += 997) {
      const { send } = codec()
      const array: unknown[] = Array.from({ length }, (_, i) => i - 500)
      expect(canon(send([...array, 0.5]))).toBe(canon([...array, 0.5]))
      expect(canon(send([...array, -0, null]))).toBe(canon([...array, -0, null]))
    }
  })

  test('what else an array holds stays, beside many elements too', () => {
    const match = /(?<w>b)c/.exec('abcd')
    const many = Object.assign(
      Array.from({ length: 1000 }, (_, i) => i),
      { note: 'kept' },
    )
    const { send } = codec()
    expect(canon(send({ match, many }))).toBe(canon(structuredClone({ match, many })))
    expect(send(many)).toHaveProperty('note', 'kept')
  })

  test('keys that Object.prototype has become own properties, and change no prototype', () => {
    const value = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":2}')
    const arrived = codec().send(value)
    expect(Object.keys(arrived)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype)
  })

  test('class instances arrive as their own enumerable properties', () => {
    class Point {
      x = 1
      #hidden = 2
      get sum() {
        return this.x + this.#hidden
      }
    }
    class Job extends EventEmitter {
      id = 5
    }
    function Old(this: { a: number }) {
      this.a = 1
    }
    Old.prototype.inherited = 'not sent'
    const { send } = codec()
    for (const value of [
      new Point(),
      new (Old as never as typeof Point)(),
      Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }),
    ]) {
      expect(canon(send(value))).toBe(canon({ ...value }))
    }
    expect(send(new Job())).toHaveProperty('id', 5)
    const tagged = { [Symbol.toStringTag]: 'Mine', [Symbol('s')]: 1, a: 1 }
    expect(canon(send(tagged))).toBe(canon({ a: 1 }))
  })

  test('a class that the user made global is still the user’s', () => {
    class Shape {
      sides = 4
    }
    Object.assign(globalThis, { Shape })
    expect(canon(codec().send(new Shape()))).toBe(canon({ sides: 4 }))
    Reflect.deleteProperty(globalThis, 'Shape')
  })

  test('objects of other realms arrive as ours', () => {
    const value = vm.runInNewContext(
      '({ m: new Map([[1, [2]]]), d: new Date(3), f: new Float32Array(2), r: /x/g, b: new Number(1) })',
    )
    expect(canon(codec().send(value))).toBe(
      canon({ m: new Map([[1, [2]]]), d: new Date(3), f: new Float32Array(2), r: /x/g, b: Object(1) }),
    )
  })

  test('shared references and cycles keep their identity', () => {
    const a: Record<string, unknown> = {}
    const map = new Map<unknown, unknown>([['a', a]])
    Object.assign(a, { map, set: new Set([a, map]), list: [a] })
    map.set(map, a)
    expect(canon(codec().send(a))).toBe(canon(structuredClone(a)))
  })

  test('a list of 100,000 links needs no stack', () => {
    let list: unknown = null
    for (let i = 0; i < 100_000; i++) list = { i, next: list }
    const { send } = codec()
    let count = 0
    for (let link = send(list) as { next: never } | null; link !== null; link = link.next) count++
    expect(count).toBe(100_000)
  })

  test('containers of every kind below the depth that is written in place', () => {
    const next = random(99)
    const { send } = codec()
    for (let round = 0; round < 60; round++) {
      let value = randomValue(next)
      for (let i = 0; i < 250; i++) {
        const inner = value
        value = [
          () => ({ inner, i }),
          () => [inner, i],
          () => new Map([[inner, i]]),
          () => new Set([i, inner]),
          () => Object.assign([i], { inner }),
        ][(i + round) % 5]?.()
      }
      expect(canon(send(value))).toBe(canon(structuredClone(value)))
    }
  })

  test('objects used as dictionaries, more than any table of shapes holds', () => {
    const { send } = codec()
    for (let i = 0; i < 3000; i++) {
      const value = Object.fromEntries(Array.from({ length: 12 }, (_, j) => [`key-${i}-${j * 7}`, j]))
      expect(canon(send(value))).toBe(canon(value))
    }
    const large = Object.fromEntries(Array.from({ length: 500 }, (_, j) => [`k${j}`, j]))
    expect(canon(send([large, { a: 1 }, large]))).toBe(canon([large, { a: 1 }, large]))
  })

  test('a property that a getter deletes before its turn is not there, and one that it adds neither', () => {
    const trap: Record<string, unknown> = {
      get first() {
        delete trap.second
        trap.third = 3
        return 1
      },
      second: 2,
      last: 4,
    }
    expect(codec().send(trap)).toStrictEqual({ first: 1, last: 4 })
  })

  test('enumerable properties put on Object.prototype are not taken for own ones', () => {
    const { send } = codec()
    send({ a: 1, polluted: 2 })
    Object.defineProperty(Object.prototype, 'polluted', { value: 1, enumerable: true, configurable: true, writable: true })
    try {
      expect(Object.keys(send({ a: 1 }))).toEqual(['a'])
    } finally {
      delete (Object.prototype as { polluted?: number }).polluted
    }
  })
})

describe('buffers', () => {
  test('a Buffer arrives as a Buffer of its own bytes, without the pool it lay in', () => {
    const { send, encoder } = codec()
    const arrived = send(Buffer.from('secret'))
    expect(Buffer.isBuffer(arrived) && arrived.toString()).toBe('secret')
    expect(encoder.size).toBeLessThan(40)
  })

  test.each([0, 1, 4095, 4096, 4097, 1 << 20])('a Buffer of %i bytes, between other things', (length) => {
    const bytes = Buffer.alloc(length, 'abcdefg')
    const arrived = codec().send({ before: 'x', bytes, half: 1.5, again: [Buffer.alloc(length, 7), 'tail'] as const })
    expect(arrived.bytes.equals(bytes) && arrived.again[0].equals(Buffer.alloc(length, 7))).toBe(true)
    expect([arrived.before, arrived.half, arrived.again[1]]).toEqual(['x', 1.5, 'tail'])
  })

  test('views of one buffer share it, and no more of it travels than they see', () => {
    const memory = new ArrayBuffer(1 << 20)
    const a = new Uint8Array(memory, 1003, 97)
    const b = new Float64Array(memory, 1048, 4)
    b[0] = 1.25
    const { send, encoder } = codec()
    const arrived = send({ a, b, more: new DataView(memory, 1100, 8) })
    expect(encoder.size).toBeLessThan(400)
    expect(arrived.a.buffer).toBe(arrived.b.buffer)
    expect([arrived.a.length, arrived.b[0], arrived.more.byteLength]).toEqual([97, 1.25, 8])
    arrived.b[0] = 2.5
    expect(new Float64Array(arrived.a.slice(45, 53).buffer)[0]).toBe(2.5)
  })

  test('a buffer that is sent itself arrives whole, and its views on it', () => {
    const memory = new ArrayBuffer(64)
    const view = new Int16Array(memory, 8, 4)
    const arrived = codec().send([view, memory] as const)
    expect(arrived[0].buffer).toBe(arrived[1])
    expect([arrived[1].byteLength, arrived[0].byteOffset, arrived[0].length]).toEqual([64, 8, 4])
  })

  test('a resizable buffer stays resizable', () => {
    const memory = new ArrayBuffer(16, { maxByteLength: 64 })
    const arrived = codec().send([memory, new Uint8Array(memory, 4, 4)] as const)
    expect([arrived[0].resizable, arrived[0].byteLength, arrived[0].maxByteLength]).toEqual([true, 16, 64])
    expect(arrived[1].buffer).toBe(arrived[0])
  })

  test('detached buffers and views out of bounds are refused', () => {
    const memory = new ArrayBuffer(8)
    const views = [new Uint8Array(memory), new DataView(memory), Buffer.from(memory)]
    structuredClone(memory, { transfer: [memory] })
    for (const value of [memory, ...views]) expect(refusalOf([value]).path).toBe('item[0]')
    const shrunk = new ArrayBuffer(16, { maxByteLength: 16 })
    const beyond = new Uint8Array(shrunk, 8, 4)
    shrunk.resize(4)
    expect(refusalOf(beyond).path).toBe('item')
  })

  test('a large buffer that a later getter detaches is refused, not sent empty', () => {
    const bytes = new Uint8Array(8192)
    const value = {
      bytes: Buffer.from(bytes.buffer),
      get later() {
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
        return 1
      },
    }
    expect(refusalOf(value)).toBeInstanceOf(NotCloneableError)
  })

  test('the source may lie at any address of ordinary memory', () => {
    const { encoder, decoder } = codec()
    encoder.encode(['x', 1.5, [1.5, 2.5]], 'item')
    const shifted = new Uint8Array(encoder.size + 3)
    shifted.set(encoder.toBytes(), 3)
    expect(decoder.decode(shifted.subarray(3), 0, shifted.length - 3)).toEqual(['x', 1.5, [1.5, 2.5]])
  })
})

test('a message that lies beyond 2 and beyond 3 GiB', () => {
  const { encoder, decoder } = codec()
  const value = [
    'short',
    'longer than by hand',
    'ein längeres Stück',
    'ある程度の長さを持つ文字列',
    1.5,
    [0.5],
    Buffer.alloc(5000, 1),
  ]
  // Pages that are not written take no memory.
  const memory = new Uint8Array(new SharedArrayBuffer(3 * 2 ** 30 + 2 ** 16))
  for (const offset of [2 ** 31 - 64, 2 ** 31, 3 * 2 ** 30]) {
    encoder.encode(value, 'item')
    encoder.copyTo(memory, offset)
    expect(decoder.decode(memory, offset, encoder.size)).toStrictEqual(value)
  }
})

describe('handles', () => {
  test('arrive with their parts, each object once', () => {
    const lock = new FakeShared(1)
    const value = new FakeShared(2, [3, -0.5, 2 ** 40], [lock])
    const { send, encoder } = codec()
    const arrived = send({ value, list: [lock, value], map: new Map([[lock, value]]) })
    expect(encoder.handles).toEqual([2, 1])
    expect(arrived.value).toStrictEqual(value)
    expect(arrived.list[1]).toBe(arrived.value)
    expect(arrived.value.parts[0]).toBe(arrived.list[0])
    expect(arrived.map.get(arrived.list[0] as FakeShared)).toBe(arrived.value)
  })

  test('are recognised before anything else that they are', () => {
    class SharedArray extends Float64Array {
      [SHARE] = () => ({ kind: 1, id: 9, data: [2], parts: [] })
    }
    expect(codec().send<unknown>([new SharedArray(2)])).toStrictEqual([new FakeShared(9, [2])])
  })

  test('none: the same frozen list every time', () => {
    const { send, encoder } = codec()
    send(new FakeShared(1))
    send('none')
    const none = encoder.handles
    send({})
    expect(encoder.handles).toBe(none)
    expect(Object.isFrozen(none) && none.length === 0).toBe(true)
  })

  test('one that may not leave is a NotCloneableError with its path, and any other error its cause', () => {
    const closed = new FakeShared(1)
    const { encoder } = codec({
      ...fakePort,
      departing: (object) => {
        if (object === closed) throw new NotCloneableError('This Queue is closed.', '')
        throw new ClosedError('gone')
      },
    })
    expect(() => encoder.encode([{ q: closed }], 'args')).toThrow(
      expect.objectContaining({ path: 'args[0].q', message: 'args[0].q: This Queue is closed.' }),
    )
    expect(() => encoder.encode([new FakeShared(2)], 'args')).toThrow(
      expect.objectContaining({ path: 'args[0]', cause: expect.any(ClosedError) }),
    )
  })
})

describe('what cannot travel is refused, with its path', () => {
  test.each<[string, string, unknown]>([
    ['args[0].onClick', 'a function (onClick)', [{ onClick() {} }]],
    ['args[3].a["x y"]', 'a symbol (Symbol(s))', [0, 0, 0, { a: { 'x y': Symbol('s') } }]],
    ['args.get("k")', 'a WeakMap', new Map([['k', new WeakMap()]])],
    ['args.get(1)[0]', 'a Promise', new Map([[1, [Promise.resolve()]]])],
    [
      'args.keys()[1]',
      'a WeakSet',
      new Map<unknown, number>([
        [1, 1],
        [new WeakSet(), 2],
      ]),
    ],
    ['args.values()[1].x', 'a WeakRef', new Set([1, { x: new WeakRef({}) }])],
    ['args[1]["0x"][2]', 'a Proxy', [1, { '0x': [1, 2, new Proxy({}, {})] }]],
    ['args[0]', 'a URL', [new URL('http://x')]],
    ['args', 'a URLSearchParams', new URLSearchParams('a=1')],
    ['args', 'a Blob', new Blob(['x'])],
    ['args', 'a MessagePort', new MessageChannel().port1],
    ['args', 'a KeyObject', createSecretKey(Buffer.from('x'))],
    ['args', 'a Hash', createHash('sha1')],
    ['args', 'an AbortSignal', new AbortController().signal],
    ['args', 'an EventTarget', new EventTarget()],
    ['args', 'a TextDecoder', new TextDecoder()],
    ['args', 'a Readable', new Readable()],
    ['args', 'a raw SharedArrayBuffer', new SharedArrayBuffer(8)],
    ['args', 'a view of a raw SharedArrayBuffer', new Uint8Array(new SharedArrayBuffer(8))],
    ['args', 'a Generator', (function* () {})()],
    ['args', 'an AsyncGenerator', (async function* () {})()],
    ['args', 'an Array Iterator', [1].values()],
    ['args', 'a Map Iterator', new Map().entries()],
    ['args', 'a NumberFormat', new Intl.NumberFormat()],
    ['args', 'a native object', new Intl.Segmenter().segment('x')],
    ['args', 'a Module', new webAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))],
    ['args', 'a Symbol', Object(Symbol('x'))],
    ['args', 'a URL', new (class Mine extends URL {})('http://x')],
    ['args', 'a Promise', new (class Mine extends Promise<void> {})(() => {})],
  ])('%s is %s', (path, what, value) => {
    const error = refusalOf(value, 'args')
    expect(error.path).toBe(path)
    expect(error.message).toContain(`${path} is ${what}, which cannot travel to another agent. `)
    expect(error.code).toBe('MP_NOT_CLONEABLE')
  })

  test('a module namespace', async () => {
    const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
    const namespace = new vm.Script('import("node:path")', { importModuleDynamically }).runInThisContext()
    expect(refusalOf(await namespace).message).toContain('a module namespace')
  })

  test('an open file', async () => {
    const { open } = await import('node:fs/promises')
    await using file = await open(process.execPath)
    expect(refusalOf(file).message).toContain('a FileHandle')
  })

  test('where the data is deeper than is written in place', () => {
    let value: unknown = { bad: () => {} }
    for (let i = 0; i < 301; i++) value = i % 2 === 0 ? { n: value } : [value]
    expect(refusalOf(value).path).toBe(`item${'.n[0]'.repeat(150)}.n.bad`)
  })

  test('a getter that throws is the cause', () => {
    const cause = new RangeError('not now')
    const error = refusalOf(
      [
        {
          a: {
            get b() {
              throw cause
            },
          },
        },
      ],
      'args',
    )
    expect([error.path, error.cause]).toEqual(['args[0].a.b', cause])
    expect(error.message).toContain('RangeError: not now')
    const silent = refusalOf({
      get x() {
        throw null
      },
    })
    expect([silent.path, silent.cause]).toEqual(['item.x', null])
  })

  test('the encoder is as good as new afterwards', () => {
    const { encoder, send } = codec()
    const shared = { deep: [1, 2] }
    const value = { shared, big: Buffer.alloc(10_000), handle: new FakeShared(4), bad: () => {} }
    expect(() => encoder.encode(value, 'item')).toThrow(NotCloneableError)
    expect([encoder.size, encoder.handles]).toEqual([0, []])
    expect(send([shared, shared])).toStrictEqual([shared, shared])
  })
})

describe('one encoder, used from within', () => {
  test('a getter may encode and copy with the encoder that is reading it', () => {
    const { encoder, decoder, send } = codec()
    const inner: unknown[] = []
    const value = {
      before: { x: 1 },
      get nested() {
        encoder.encode({ x: [new FakeShared(5), Buffer.alloc(5000, 1)] }, 'item')
        expect(encoder.handles).toEqual([5])
        const bytes = encoder.toBytes()
        inner.push(decoder.decode(bytes, 0, bytes.length))
        expect(() => encoder.encode(() => {}, 'inner')).toThrow('inner is a function')
        return 'done'
      },
      after: { x: Buffer.alloc(5000, 2) },
    }
    const arrived = send(value)
    expect(arrived).toStrictEqual({ before: { x: 1 }, nested: 'done', after: { x: Buffer.alloc(5000, 2) } })
    expect(inner).toStrictEqual([{ x: [new FakeShared(5), Buffer.alloc(5000, 1)] }])
    expect(encoder.handles).toEqual([])
  })

  test('a stack that is full already stays what it is, and harms no later message', () => {
    const { encoder, send } = codec()
    const overflow = {
      get self(): unknown {
        return (function again(): unknown {
          return [again()]
        })()
      },
    }
    expect(() => encoder.encode(overflow, 'item')).toThrow(RangeError)
    expect(send({ a: 1 })).toStrictEqual({ a: 1 })
  })
})
