/** Random data of every kind that travels, as structured clone knows it, from a seed. */

/** A small fast generator of 32-bit numbers: mulberry32, by Tommy Ettinger. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2 ** 23 - 1,
  2 ** 23,
  -(2 ** 23),
  -(2 ** 23) - 1,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  0.1,
  -1.5e300,
  5e-324,
  NaN,
  Infinity,
  -Infinity,
]
const KEYS = [
  'a',
  'b',
  'id',
  'name',
  'x y',
  '',
  '0',
  '17',
  '4294967295',
  '-1',
  'constructor',
  'toString',
  'hasOwnProperty',
  'é',
  '日本',
  '\ud800',
  'k'.repeat(40),
  '__proto__',
]
const VIEWS: (new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
]

export function randomValue(next: () => number): unknown {
  const known: object[] = []
  const int = (n: number) => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]) => list[int(list.length)] as T
  const remember = <T extends object>(object: T): T => {
    known.push(object)
    return object
  }

  function text(): string {
    const length = pick([0, 1, 3, 8, 12, 13, 16, 17, 30, 200])
    const top = pick([128, 256, 0x3000, 0x10000])
    return Array.from({ length }, () => String.fromCharCode(int(top))).join('')
  }

  function primitive(): unknown {
    switch (int(8)) {
      case 0:
        return undefined
      case 1:
        return null
      case 2:
        return next() < 0.5
      case 3:
        return pick(NUMBERS)
      case 4:
        return int(2 ** 32) - 2 ** 31
      case 5:
        return next() * 1000
      case 6:
        return text()
      default:
        return (BigInt(int(2 ** 32)) - 2n ** 31n) ** BigInt(int(6))
    }
  }

  function object(depth: number): object {
    const o = remember({})
    for (let n = int(5); n > 0; n--)
      Object.defineProperty(o, pick(KEYS), { value: value(depth), writable: true, enumerable: true, configurable: true })
    return o
  }

  function array(depth: number): unknown[] {
    const a: unknown[] = remember([])
    switch (int(6)) {
      case 0:
        for (let n = int(80); n > 0; n--) a.push(int(1000) - 500)
        break
      case 1:
        for (let n = int(80); n > 0; n--) a.push(pick(NUMBERS))
        break
      case 2:
        for (let n = int(6); n > 0; n--) a[int(pick([8, 100, 3000]))] = value(depth)
        a.length += int(3)
        break
      case 3:
        for (let n = int(5000); n > 0; n--) a.push(n)
        if (next() < 0.5) a.push(next() < 0.5 ? 0.5 : 'end')
        break
      default:
        for (let n = int(6); n > 0; n--) a.push(value(depth))
    }
    if (next() < 0.15) Object.assign(a, { index: 3, [pick(['name', '-1', '4294967295'])]: value(depth) })
    return a
  }

  function view(): object {
    const earlier = known.filter((o) => o instanceof ArrayBuffer)
    const buffer = earlier.length > 0 && next() < 0.6 ? pick(earlier) : remember(bytes())
    const View = pick(VIEWS)
    const size = (View as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
    const offset = int(buffer.byteLength / size + 1) * size
    const room = Math.floor((buffer.byteLength - offset) / size)
    return offset <= buffer.byteLength ? remember(new View(buffer, offset, int(room + 1))) : buffer
  }

  function bytes(): ArrayBuffer {
    const buffer = new ArrayBuffer(pick([0, 1, 8, 13, 64, 5000]))
    new Uint8Array(buffer).forEach((_, i, all) => {
      all[i] = int(256)
    })
    return buffer
  }

  function value(depth: number): unknown {
    if (known.length > 0 && next() < 0.12) return pick(known)
    if (depth <= 0 || next() < 0.3) return primitive()
    const below = depth - 1
    switch (int(11)) {
      case 0: {
        const map = remember(new Map())
        for (let n = int(5); n > 0; n--) map.set(value(below), value(below))
        return map
      }
      case 1: {
        const set = remember(new Set())
        for (let n = int(5); n > 0; n--) set.add(value(below))
        return set
      }
      case 2:
        return remember(new Date(pick([0, NaN, 1e12, -1])))
      case 3:
        return remember(pick([/a/g, /[/]\n/imsuy, /(?:)/]))
      case 4:
        return remember(Object(pick([1, -0, 'text', true, 5n])))
      case 5:
        return remember(bytes())
      case 6:
        return view()
      case 7:
      case 8:
        return array(below)
      default:
        return object(below)
    }
  }

  const root = value(next() < 0.05 ? 7 : 4)
  // With its buffers beside it: of one that is only seen through views the codec sends no more than is seen, unlike structured clone.
  return [root, known.filter((object) => object instanceof ArrayBuffer)]
}
