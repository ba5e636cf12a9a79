import type { Agent } from '../agent.js'
import type { ArrayOptions, SharedArrayMembers } from '../contracts/array.js'
import type { Lock } from '../contracts/lock.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { type SyncWaitOptions, shown, type WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { checkElement, type ElementName, type ElementType, elementType, elementTypeAt } from './element-type.js'
import { MEMBER_LOCK_BYTES, MemberLock, requireLock } from './member-lock.js'

/** What a shared array, and each `subarray` of it, stands on. */
interface Base {
  readonly agent: Agent
  readonly block: Block
  readonly type: ElementType
  readonly lock: MemberLock
  /** The array that travels: the block's life is tied to it. */
  readonly whole: SharedTypedArray | undefined
}

/** A typed array over shared memory, whatever its element type. */
export interface SharedTypedArray extends SharedArrayMembers, Shareable {
  readonly length: number
  readonly byteOffset: number
  [index: number]: number
}

type ArrayClass = new (base: Base, byteOffset: number, length: number) => SharedTypedArray
type PlainClass = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => { length: number; byteOffset: number; [index: number]: number }

/**
 * The class of shared arrays over one of JavaScript's typed arrays. A subclass, so that indexing stays native; `Symbol.species` is the plain
 * class, so that `map`, `slice` and `filter` make private arrays.
 */
function sharedClass(Plain: PlainClass): ArrayClass {
  return class SharedArray extends Plain implements SharedTypedArray {
    readonly #base: Base

    constructor(base: Base, byteOffset: number, length: number) {
      super(base.block.views.u8.buffer, byteOffset, length)
      this.#base = base
    }

    static get [Symbol.species](): PlainClass {
      return Plain
    }

    get lock(): Lock | undefined {
      const { lock, whole, agent, block } = this.#base
      return whole ? whole.lock : lock.of(this, agent, block)
    }

    runExclusive<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
      return requireLock(this.lock, 'this Array').runExclusive(fn, options)
    }

    runExclusiveSync<R>(fn: () => R, options?: SyncWaitOptions): R {
      return requireLock(this.lock, 'this Array').runExclusiveSync(fn, options)
    }

    subarray(begin?: number, end?: number): SharedTypedArray {
      const from = clamp(begin, 0, this.length)
      const to = Math.max(from, clamp(end, this.length, this.length))
      return part(this.#base.whole ?? this, this.#base, this.byteOffset + from * this.#base.type.bytes, to - from)
    }

    [SHARE](): Handle {
      const { agent, block, type, lock, whole } = this.#base
      const first = (this.byteOffset - block.offset - MEMBER_LOCK_BYTES) / type.bytes
      // A part travels as its whole and where it lies in it.
      if (whole) return { agent, kind: KindId.subarray, id: 0, data: [first, this.length], parts: [whole] } as Handle
      return agent.share(this, block, [type.index, lock.mode, this.length], lock.parts)
    }
  }
}

const classes: Readonly<Record<ElementName, ArrayClass>> = {
  int8: sharedClass(Int8Array as unknown as PlainClass),
  uint8: sharedClass(Uint8Array as unknown as PlainClass),
  int16: sharedClass(Int16Array as unknown as PlainClass),
  uint16: sharedClass(Uint16Array as unknown as PlainClass),
  int32: sharedClass(Int32Array as unknown as PlainClass),
  uint32: sharedClass(Uint32Array as unknown as PlainClass),
  int64: sharedClass(BigInt64Array as unknown as PlainClass),
  uint64: sharedClass(BigUint64Array as unknown as PlainClass),
  float32: sharedClass(Float32Array as unknown as PlainClass),
  float64: sharedClass(Float64Array as unknown as PlainClass),
}

/** Whether it is a shared array, or a part of one, of any element type: their classes have no base in common but the typed arrays'. */
export function isSharedArray(value: unknown): boolean {
  return Object.values(classes).some((Shared) => value instanceof Shared)
}

/**
 * @param content the length, or an iterable of initial values
 * @throws TypeError, RangeError for a bad type, length or value
 */
export function createArray(agent: Agent, typeCode: unknown, content: unknown, options?: ArrayOptions): SharedTypedArray {
  const type = elementType(typeCode)
  const lock = MemberLock.choose(agent, options, 'the options of an Array')
  const initial = typeof content === 'number' ? undefined : valuesOf(content, type)
  const length = initial ? initial.length : (content as number)
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError(`the length of an Array must be a whole number from 0; got ${shown(length)}`)
  const block = agent.allocate(KindId.array, MEMBER_LOCK_BYTES + length * type.bytes)
  const array = build(agent, block, type, lock, length)
  if (initial) for (let i = 0; i < length; i++) array[i] = initial[i] as number
  agent.adopt(array, block)
  return array
}

function build(agent: Agent, block: Block, type: ElementType, lock: MemberLock, length: number): SharedTypedArray {
  return new classes[type.name]({ agent, block, type, lock, whole: undefined }, block.offset + MEMBER_LOCK_BYTES, length)
}

function part(whole: SharedTypedArray, base: Base, byteOffset: number, length: number): SharedTypedArray {
  return new classes[base.type.name]({ ...base, whole }, byteOffset, length)
}

function valuesOf(content: unknown, type: ElementType): readonly unknown[] {
  if (typeof content !== 'object' || content === null || !(Symbol.iterator in content)) {
    throw new TypeError(`an Array is made from a length or an iterable of numbers; got ${shown(content)}`)
  }
  const values = [...(content as Iterable<unknown>)]
  for (const value of values) checkElement(type, value)
  return values
}

/** A relative index, as `Array.prototype.slice` takes them. */
function clamp(index: number | undefined, missing: number, length: number): number {
  if (index === undefined) return missing
  const whole = Math.trunc(index) || 0
  return whole < 0 ? Math.max(0, length + whole) : Math.min(whole, length)
}

defineKind(KindId.array, {
  attach(agent, block, handle) {
    const [type, mode, length] = handle.data as [number, number, number]
    return build(agent, block as Block, elementTypeAt(type), MemberLock.arrived(mode, handle.parts[0]), length)
  },
})

defineKind(KindId.subarray, {
  attach(_agent, _block, handle) {
    const [first, length] = handle.data as [number, number]
    const whole = handle.parts[0] as unknown as Uint8Array & Shareable
    return whole.subarray(first, first + length) as unknown as Shareable
  },
})
