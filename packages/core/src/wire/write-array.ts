import { inspect } from 'node:util'
import { Step } from './path.js'
import { ArrayFlag, Tag } from './tags.js'
import type { Writer } from './writer.js'

/** Up to this length, counting the keys of an array is cheaper than asking `inspect`. */
const COUNTED = 48
const INDEXES = Array.from({ length: COUNTED }, (_, index) => String(index))
/** From this share of holes on the receiver does not make room for all elements. */
const SPARSE = 0.75
/** Numbers are looked at, and room is made for them, in runs of this many: `length` alone promises nothing. */
const RUN = 4096

/** Writes an array's tag and content: as one block where all elements are numbers, one by one otherwise. An accessor among the elements may be read twice. */
export function writeArray(writer: Writer, array: unknown[]): void {
  const named = hasNamed(array)
  if (!named && array.length > 0 && typeof array[0] === 'number' && writeNumbers(writer, array as number[])) return
  writer.reserve(2)
  const tagAt = writer.at
  writer.words2(Tag.Array, array.length)
  const holes = writeElements(writer, array)
  let flags = holes > array.length * SPARSE ? ArrayFlag.Sparse : 0
  if (named) {
    flags |= ArrayFlag.Named
    writer.dictionary(array, namesOf(array))
  }
  writer.words[tagAt] = (flags << 8) | Tag.Array
}

/** Returns how many were holes. */
function writeElements(writer: Writer, array: unknown[]): number {
  const { length } = array
  const level = writer.path.open(Step.Property)
  const trail = writer.path.keys
  let holes = 0
  let present: readonly number[] | undefined
  let next = 0
  for (let i = 0; i < length; i++) {
    trail[level] = i
    const value = array[i]
    if (value !== undefined || Object.hasOwn(array, i)) {
      writer.value(value)
      continue
    }
    // One look at the keys, so that a length of 2^32 - 1 costs what is in the array. Elements that getters add later are not seen, as in structured clone.
    present ??= indexesOf(array)
    while (next < present.length && (present[next] as number) <= i) next++
    const end = present[next] ?? length
    if (end - i === 1) writer.word(Tag.Absent)
    else writer.words2(Tag.Skip, end - i)
    holes += end - i
    i = end - 1
  }
  writer.path.close()
  return holes
}

/** Writes Ints or Doubles, or nothing and false where there is anything but numbers. */
function writeNumbers(writer: Writer, array: readonly number[]): boolean {
  const { length } = array
  const start = writer.at
  for (let done = 0; done < length; ) {
    writer.at = start + 2 + done
    writer.reserve(RUN)
    const end = Math.min(length, done + RUN)
    done = copyInts(writer.words, start + 2, array, done, end)
    if (done < end) return writeDoubles(writer, array, start, done)
  }
  writer.words[start] = Tag.Ints
  writer.words[start + 1] = length
  writer.at = start + 2 + length
  return true
}

/** Goes on from `done` integers that stand behind `start` already. */
function writeDoubles(writer: Writer, array: readonly number[], start: number, done: number): boolean {
  const { length } = array
  const first = (start + 3) >> 1
  writer.at = start + 2 + done
  writer.reserve(done + 2)
  // From the last to the first, as each double takes the room of two integers: of those that have been read already.
  for (let i = done - 1; i >= 0; i--) writer.doubles[first + i] = writer.words[start + 2 + i] as number
  while (done < length) {
    writer.at = (first + done) * 2
    writer.reserve(RUN * 2)
    const end = Math.min(length, done + RUN)
    done = copyDoubles(writer.doubles, first, array, done, end)
    if (done < end) {
      writer.at = start
      return false
    }
  }
  writer.words[start] = Tag.Doubles
  writer.words[start + 1] = length
  writer.at = (first + length) * 2
  return true
}

/** Stops at the first element that is no 32-bit integer; returns where. */
function copyInts(words: Int32Array, first: number, array: readonly number[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const value = array[i] as number
    if (typeof value !== 'number') return i
    const integer = value | 0
    if (integer !== value || (integer === 0 && Object.is(value, -0))) return i
    words[first + i] = integer
  }
  return to
}

/** Stops at the first element that is no number; returns where. */
function copyDoubles(doubles: Float64Array, first: number, array: readonly number[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const value = array[i] as number
    if (typeof value !== 'number') return i
    doubles[first + i] = value
  }
  return to
}

/** Whether `array` has enumerable properties that are no elements; may say true where it has none. */
function hasNamed(array: unknown[]): boolean {
  const { length } = array
  if (length <= COUNTED) {
    // Names come after indexes, so the last key being the last index says that there are none; the count alone does not, where there are holes.
    const keys = Object.keys(array)
    return keys.length !== length || (length > 0 && keys[length - 1] !== INDEXES[length - 1])
  }
  // Collecting the keys costs 6 ns an element; `inspect` asks V8 for the others alone. Whatever else it prints means: look closely.
  return inspect(array, OTHERS_ONLY) !== `[ ... ${length} more items ]`
}

const OTHERS_ONLY = { maxArrayLength: 0, depth: 0, customInspect: false } as const

/** V8 lists the indexes first, ascending, then the names. */
function indexesOf(array: unknown[]): readonly number[] {
  const keys = Object.keys(array)
  return keys.slice(0, firstName(keys)).map(Number)
}

function namesOf(array: unknown[]): readonly string[] {
  const keys = Object.keys(array)
  return keys.slice(firstName(keys))
}

function firstName(keys: readonly string[]): number {
  let first = keys.length
  while (first > 0 && !isIndex(keys[first - 1] as string)) first--
  return first
}

function isIndex(key: string): boolean {
  const index = Number(key) >>> 0
  return String(index) === key && index !== 0xffffffff
}
