/**
 * One of every kind of data that travels, each made anew at each call: "Data travels" of the contract.
 */
export const kinds: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  booleans: () => [true, false],
  integers: () => [0, 1, -1, 127, 128, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER],
  numbers: () => [0.1, -1.5, 1e308, 5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  'minus zero': () => -0,
  NaN: () => Number.NaN,
  bigints: () => [0n, -1n, 2n ** 63n, -(2n ** 64n), 3n ** 500n],
  strings: () => ['', 'a', 'ä', '漢字', '😀', 'x\0y', 'ab'.repeat(5_000), 'ü'.repeat(5_000), '漢'.repeat(5_000)],
  'lone surrogates': () => ['\ud800', 'a\udfffb', '\udc00\ud800'],
  'plain objects': () => ({ a: 1, 'b c': { deep: [{}] }, '': 0, 7: 'seven', ['__proto__']: 'own' }),
  'an object without prototype is a plain one': () => ({ kept: 1 }),
  arrays: () => [[], [1, 'two', null, undefined, [3]], Array.from({ length: 3_000 }, (_, n) => n / 2)],
  'sparse arrays': () => {
    const sparse: unknown[] = []
    sparse[2] = 'two'
    sparse[9_999] = 'last'
    const empty: unknown[] = []
    empty.length = 5
    return [sparse, empty]
  },
  'arrays with properties of their own': () => Object.assign([1, 2], { extra: true }),
  Map: () =>
    new Map<unknown, unknown>([
      ['a', 1],
      [{ key: 'object' }, new Map([[1, 2]])],
      [Number.NaN, -0],
    ]),
  Set: () => new Set<unknown>(['a', 1, { in: 'a set' }, new Set([1])]),
  Date: () => [new Date(0), new Date(1_700_000_000_123)],
  'an invalid Date': () => new Date(Number.NaN),
  RegExp: () => [/a(b)?/giu, /\//, /^[^a]$/ms],
  ArrayBuffer: () => [new ArrayBuffer(0), Uint8Array.from({ length: 300 }, (_, n) => n).buffer],
  DataView: () => new DataView(Uint8Array.of(1, 2, 3, 4, 5).buffer, 1, 3),
  'typed arrays': () => [
    Int8Array.of(-128, 127),
    Uint8Array.of(0, 255),
    Uint8ClampedArray.of(0, 255),
    Int16Array.of(-32_768, 32_767),
    Uint16Array.of(65_535),
    Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
    Uint32Array.of(2 ** 32 - 1),
    BigInt64Array.of(-(2n ** 63n)),
    BigUint64Array.of(2n ** 64n - 1n),
    Float32Array.of(0.5, -0, Number.NaN),
    Float64Array.of(0.1, -0, Number.NEGATIVE_INFINITY),
    new Float64Array(0),
  ],
  'parts of typed arrays': () => [
    new Uint16Array(Uint16Array.of(1, 2, 3, 4).buffer, 2, 2),
    Float64Array.of(1, 2, 3).subarray(1, 2),
  ],
  Buffer: () => [Buffer.from('small, from the pool'), Buffer.alloc(20_000, 'ab'), Buffer.alloc(0)],
  'boxed primitives': () => [Object(1), Object(-0), Object('text'), Object(true), Object(12n)],
  errors: () => [
    new Error('plain'),
    new TypeError('typed', { cause: new RangeError('its cause', { cause: { deeper: 1 } }) }),
    new AggregateError([new SyntaxError('one'), 'two'], 'several'),
    Object.assign(new Error('with more'), { code: 'E_MORE', errno: -2, detail: { at: [1, 2] } }),
    Object.assign(new URIError('renamed'), { name: 'OtherError' }),
    new EvalError(''),
    new ReferenceError('r'),
  ],
  'everything within everything': () => ({
    list: [new Map([['set', new Set([new Date(5), [/x/y]])]])],
    error: Object.assign(new Error('holds'), { data: new Map([[1, Buffer.from([1])]]) }),
  }),
}

/** Data of which some is met more than once, or contains itself: identity has to arrive as well. */
export const shared: Readonly<Record<string, { make: () => unknown; holds: (arrived: never) => boolean }>> = {
  'one object in two places': {
    make: () => {
      const one = { x: 1 }
      return { a: one, b: [one], c: new Map([[one, one]]) }
    },
    holds: ({ a, b, c }: { a: object; b: object[]; c: Map<object, object> }) => a === b[0] && c.get(a) === a,
  },
  'an object that contains itself': {
    make: () => {
      const self: Record<string, unknown> = { name: 'self' }
      self.self = self
      self.list = [self, new Set([self]), new Map([['self', self]])]
      return self
    },
    holds: (self: { self: object; list: [object, Set<object>, Map<string, object>] }) =>
      self.self === self && self.list[0] === self && self.list[1].has(self) && self.list[2].get('self') === self,
  },
  'an error that is its own cause': {
    make: () => {
      const error = new Error('round')
      error.cause = error
      return error
    },
    holds: (error: Error) => error.cause === error,
  },
  'two views of one buffer': {
    make: () => {
      const buffer = new ArrayBuffer(64)
      return { bytes: new Uint8Array(buffer, 8, 16), words: new Uint32Array(buffer, 8, 4), buffer }
    },
    holds: ({ bytes, words, buffer }: { bytes: Uint8Array; words: Uint32Array; buffer: ArrayBuffer }) => {
      bytes[0] = 77
      return bytes.buffer === buffer && words.buffer === buffer && words[0] === 77 && buffer.byteLength === 64
    },
  },
  'a list of ten thousand links': {
    make: () => {
      let link: object | undefined
      for (let n = 0; n < 10_000; n++) link = { n, next: link }
      return link
    },
    holds: (link: { next: never } | undefined) => {
      let length = 0
      for (let at = link; at; at = at.next as typeof link) length++
      return length === 10_000
    },
  },
}
