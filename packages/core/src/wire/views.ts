/** The kinds of view of an ArrayBuffer, by their number on the wire: the place in this list. */
const NAMES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float32Array',
  'Float64Array',
  'DataView',
  // ES2025; absent from older engines.
  'Float16Array',
]

type ViewClass = (new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView) & { BYTES_PER_ELEMENT?: number }

const numbers = new Map(NAMES.map((name, number) => [name, number]))
const classes = NAMES.map((name) => (globalThis as unknown as Record<string, ViewClass | undefined>)[name])
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as () =>
  | string
  | undefined

/** The number of `view`'s kind, whatever subclass of it or realm it comes from; undefined for one this list does not know. */
export function viewKind(view: ArrayBufferView): number | undefined {
  // The getter sits on %TypedArray%.prototype and reads the internal slot; only a DataView has none.
  return numbers.get(tagOf.call(view) ?? 'DataView')
}

/** @throws TypeError where this engine lacks the class. */
export function makeView(kind: number, buffer: ArrayBuffer, byteOffset: number, byteLength: number): ArrayBufferView {
  const Class = classes[kind]
  if (Class === undefined)
    throw new TypeError(`A ${NAMES[kind]} arrived, which this version of Node (${process.version}) does not have.`)
  return new Class(buffer, byteOffset, byteLength / (Class.BYTES_PER_ELEMENT ?? 1))
}
