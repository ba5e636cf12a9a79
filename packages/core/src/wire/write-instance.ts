import {
  isAnyArrayBuffer,
  isBooleanObject,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isNumberObject,
  isRegExp,
  isSet,
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
} from 'node:util/types'
import { writeError } from './errors-on-the-wire.js'
import { hostClassOf } from './host-classes.js'
import { Step } from './path.js'
import { adviceFor } from './refusal.js'
import { Tag } from './tags.js'
import { viewKind } from './views.js'
import type { Content, Writer } from './writer.js'

/** Writes an object that is neither a plain one nor an array, by what it is inside: a subclass arrives as what it extends. */
export function writeInstance(writer: Writer, object: object, prototype: object): void {
  if (ArrayBuffer.isView(object)) return writeView(writer, object)
  if (prototype === Date.prototype && isDate(object)) return writeDate(writer, object)
  if (isMap(object)) return writer.container(object, Tag.LaterMap, writeMap)
  if (isSet(object)) return writer.container(object, Tag.LaterSet, writeSet)
  if (isNativeError(object) || object instanceof Error) return writeError(writer, object)
  const host = hostClassOf(prototype)
  if (host !== '') throw refuseInstance(writer, host)
  if (isDate(object)) return writeDate(writer, object)
  if (isRegExp(object)) return writeRegExp(writer, object)
  if (isAnyArrayBuffer(object)) return writeArrayBuffer(writer, object)
  if (isBoxedPrimitive(object)) return writeBoxed(writer, object)
  writer.container(object, Tag.LaterObject, writeProperties)
}

const writeProperties: Content<object> = (writer, object) => writer.ownProperties(object)

const mapEntries = Map.prototype.entries
const setValues = Set.prototype.values

/** What getters add to or take from a Map or Set while it is being written is not seen, as in structured clone. */
const writeMap: Content<ReadonlyMap<unknown, unknown>> = (writer, map) => {
  const entries = [...mapEntries.call(map as Map<unknown, unknown>)]
  writer.words2(Tag.Map, entries.length)
  const { path } = writer
  const level = path.open(Step.MapKey)
  for (let i = 0; i < entries.length; i++) {
    const [key, value] = entries[i] as [unknown, unknown]
    path.steps[level] = Step.MapKey
    path.keys[level] = i
    writer.value(key)
    path.steps[level] = Step.MapValue
    path.keys[level] = key
    writer.value(value)
  }
  path.close()
}

const writeSet: Content<ReadonlySet<unknown>> = (writer, set) => {
  const values = [...setValues.call(set as Set<unknown>)]
  writer.words2(Tag.Set, values.length)
  const level = writer.path.open(Step.SetMember)
  for (let i = 0; i < values.length; i++) {
    writer.path.keys[level] = i
    writer.value(values[i])
  }
  writer.path.close()
}

function writeDate(writer: Writer, date: Date): void {
  writer.word(Tag.Date)
  writer.double(Date.prototype.getTime.call(date))
}

function writeRegExp(writer: Writer, regexp: RegExp): void {
  writer.word(Tag.RegExp)
  writer.string(regexp.source)
  writer.string(regexp.flags)
}

function writeBoxed(writer: Writer, boxed: object): void {
  if (isSymbolObject(boxed)) throw writer.refuse('a boxed symbol', adviceFor('symbol'))
  writer.word(Tag.Boxed)
  writer.value(unboxed(boxed))
}

/** The primitive inside, not what a valueOf of its own makes of it. */
function unboxed(boxed: object): unknown {
  if (isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed)
  if (isStringObject(boxed)) return String.prototype.valueOf.call(boxed)
  if (isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed)
  return BigInt.prototype.valueOf.call(boxed)
}

function writeView(writer: Writer, view: ArrayBufferView): void {
  const { buffer } = view
  if (isSharedArrayBuffer(buffer)) throw refuseShared(writer, 'a view of a raw SharedArrayBuffer')
  if (isOutOfBounds(view)) throw writer.refuse('a view of a buffer that has been detached or has shrunk', DETACHED)
  if (Buffer.isBuffer(view)) {
    // Its own bytes alone: small Buffers are slices of a pool, whose other bytes are none of the receiver's business.
    writer.word(Tag.Buffer)
    writer.double(view.byteLength)
    return writer.bytes(view)
  }
  const kind = viewKind(view)
  if (kind === undefined) throw refuseInstance(writer, 'typed array of a kind unknown here')
  const { byteOffset, byteLength } = view
  writer.words2((kind << 8) | Tag.View, writer.blocks.use(buffer as ArrayBuffer, byteOffset, byteOffset + byteLength))
  writer.double(byteOffset)
  writer.double(byteLength)
}

function writeArrayBuffer(writer: Writer, buffer: ArrayBuffer | SharedArrayBuffer): void {
  if (isSharedArrayBuffer(buffer)) throw refuseShared(writer, 'a raw SharedArrayBuffer')
  if (isDetached(buffer)) throw writer.refuse('a detached ArrayBuffer', DETACHED)
  writer.words2(Tag.ArrayBuffer, writer.blocks.use(buffer, 0, buffer.byteLength))
}

const DETACHED = 'Its memory was transferred away; send it before that, or send a copy.'

function isOutOfBounds(view: ArrayBufferView): boolean {
  try {
    // Only a view of nothing can be out of bounds; a DataView says so by itself, of the others every method does.
    if (view.byteLength === 0 && viewKind(view) !== DATA_VIEW) Uint8Array.prototype.keys.call(view as Uint8Array)
    return false
  } catch {
    return true
  }
}

const DATA_VIEW = viewKind(new DataView(new ArrayBuffer(0)))

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false
  try {
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

function refuseShared(writer: Writer, what: string) {
  return writer.refuse(what, adviceFor('SharedArrayBuffer'))
}

function refuseInstance(writer: Writer, name: string) {
  return writer.refuse(`${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`, adviceFor(name))
}
