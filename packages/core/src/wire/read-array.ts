import type { Reader } from './reader.js'
import { ArrayFlag, Tag } from './tags.js'

/** `new Array(n)` beyond this makes a dictionary. */
const MOST_ROOM = 1 << 24

/** Reads what {@link writeArray} wrote behind the tag word. */
export function readArray(reader: Reader, word: number): unknown[] {
  const array = reader.note(newArray(reader.peek() >>> 0, word >>> 8))
  fillArray(reader, array, word)
  return array
}

/** The same into an empty array that is there already. */
export function fillArray(reader: Reader, array: unknown[], word: number): void {
  switch (word & 0xff) {
    case Tag.Ints:
      return fillInts(reader, array)
    case Tag.Doubles:
      return fillDoubles(reader, array)
    default:
      return fillElements(reader, array, word >>> 8)
  }
}

function newArray(length: number, flags: number): unknown[] {
  return (flags & ArrayFlag.Sparse) === 0 && length <= MOST_ROOM ? new Array(length) : []
}

function fillElements(reader: Reader, array: unknown[], flags: number): void {
  const length = reader.word() >>> 0
  if (array.length !== length) array.length = length
  for (let i = 0; i < length; i++) {
    const word = reader.peek()
    if (word === Tag.Absent) reader.at++
    else if (word === Tag.Skip) {
      reader.at++
      i += (reader.word() >>> 0) - 1
    } else array[i] = reader.value()
  }
  if ((flags & ArrayFlag.Named) !== 0) reader.fillDictionary(array)
}

function fillInts(reader: Reader, array: unknown[]): void {
  const length = reader.word()
  const { words, at } = reader
  for (let i = 0; i < length; i++) array[i] = words[at + i]
  reader.at = at + length
}

function fillDoubles(reader: Reader, array: unknown[]): void {
  const length = reader.word()
  const { doubles } = reader.source
  const first = (reader.at + 1) >> 1
  for (let i = 0; i < length; i++) array[i] = doubles[first + i]
  reader.at = (first + length) * 2
}
