import type { Views } from '../memory/space.js'
import { shown } from '../options.js'

/** The element types by name, with Python's codes as aliases. */
const names = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'] as const
export type ElementName = (typeof names)[number]
const codes = {
  b: 'int8',
  B: 'uint8',
  h: 'int16',
  H: 'uint16',
  i: 'int32',
  I: 'uint32',
  q: 'int64',
  Q: 'uint64',
  f: 'float32',
  d: 'float64',
} as const
/** What `new Value(type)` and `new Array(type)` accept: `'int32'` or Python's `'i'`, … */
export type TypeCode = ElementName | keyof typeof codes

export type ElementOf<T extends TypeCode> = T extends 'int64' | 'uint64' | 'q' | 'Q' ? bigint : number

/** One numeric type of shared memory. */
export interface ElementType {
  readonly name: ElementName
  /** What travels in a handle. */
  readonly index: number
  /** Bytes of one element. */
  readonly bytes: number
  readonly kind: 'integer' | 'bigint' | 'float'
  /** The smallest and largest value of an integer type. */
  readonly min: number | bigint
  readonly max: number | bigint
  readonly view: 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64'
}

const types: readonly ElementType[] = names.map((name, index) => {
  const bits = Number(name.replace(/\D+/, ''))
  const letter = name[0] as 'i' | 'u' | 'f'
  const kind = letter === 'f' ? 'float' : bits === 64 ? 'bigint' : 'integer'
  const [min, max] =
    kind === 'float'
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : kind === 'bigint'
        ? letter === 'u'
          ? [0n, 2n ** 64n - 1n]
          : [-(2n ** 63n), 2n ** 63n - 1n]
        : letter === 'u'
          ? [0, 2 ** bits - 1]
          : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  return { name, index, bytes: bits / 8, kind, min, max, view: `${letter}${bits}` as ElementType['view'] }
})

/** @throws TypeError for anything but a name or code of the table */
export function elementType(type: unknown): ElementType {
  const name = typeof type === 'string' && Object.hasOwn(codes, type) ? codes[type as keyof typeof codes] : type
  const found = types.find((one) => one.name === name)
  if (!found)
    throw new TypeError(`the type must be one of ${names.join(', ')} (or ${Object.keys(codes).join(' ')}); got ${shown(type)}`)
  return found
}

export function elementTypeAt(index: number): ElementType {
  return types[index] as ElementType
}

/** The view of a type. */
export function viewFor(views: Views, type: ElementType): Views[ElementType['view']] {
  return views[type.view]
}

/**
 * Refuses what the type cannot hold.
 * @throws TypeError for another kind of value, RangeError for one out of range
 */
export function checkElement(type: ElementType, value: unknown): void {
  if (type.kind === 'bigint') {
    if (typeof value !== 'bigint') throw new TypeError(`${article(type.name)} ${type.name} holds bigints; got ${shown(value)}`)
  } else {
    if (typeof value !== 'number') throw new TypeError(`${article(type.name)} ${type.name} holds numbers; got ${shown(value)}`)
    if (type.kind === 'float') return
    if (!Number.isInteger(value))
      throw new RangeError(`${article(type.name)} ${type.name} holds whole numbers; got ${shown(value)}`)
  }
  if ((value as number) < type.min || (value as number) > type.max) {
    throw new RangeError(`${article(type.name)} ${type.name} holds ${type.min} to ${type.max}; got ${shown(value)}`)
  }
}

/**
 * Refuses what cannot be the operand of an atomic operation, which wraps as `Atomics` does and so need not fit the type.
 * @throws TypeError for another kind of value, RangeError for fractions of integers
 */
export function checkOperand(type: ElementType, value: unknown): void {
  if (type.kind === 'bigint') {
    if (typeof value !== 'bigint')
      throw new TypeError(`${article(type.name)} ${type.name} calculates with bigints; got ${shown(value)}`)
    return
  }
  if (typeof value !== 'number')
    throw new TypeError(`${article(type.name)} ${type.name} calculates with numbers; got ${shown(value)}`)
  if (type.kind === 'integer' && !Number.isInteger(value))
    throw new RangeError(`${article(type.name)} ${type.name} calculates with whole numbers; got ${shown(value)}`)
}

/** `an int8`, but `a uint8`. */
function article(name: string): string {
  return name.startsWith('int') ? 'an' : 'a'
}
