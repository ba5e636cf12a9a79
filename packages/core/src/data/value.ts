import type { Agent } from '../agent.js'
import type { Lock } from '../contracts/lock.js'
import type { Value as ValueContract, ValueOptions } from '../contracts/value.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import type { SyncWaitOptions, WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { checkElement, checkOperand, type ElementType, elementType, elementTypeAt, viewFor } from './element-type.js'
import { type FloatCell, floatCell } from './float-atomics.js'
import { MEMBER_LOCK_BYTES, MemberLock, requireLock } from './member-lock.js'

/**
 * The operations below are written for one view; its element type decides whether they take numbers or bigints, and the checks before them
 * see to it that only the right ones come in.
 */
type AnyView = Int32Array

/** @see ValueContract */
export class Value implements ValueContract<number>, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #type: ElementType
  readonly #view: AnyView
  readonly #index: number
  readonly #lock: MemberLock
  /** Floats only: `Atomics` does not know them. */
  readonly #float: FloatCell | undefined

  private constructor(agent: Agent, block: Block, type: ElementType, lock: MemberLock) {
    this.#agent = agent
    this.#block = block
    this.#type = type
    this.#lock = lock
    const offset = block.offset + MEMBER_LOCK_BYTES
    this.#view = viewFor(block.views, type) as AnyView
    this.#index = offset / type.bytes
    this.#float = type.kind === 'float' ? floatCell(block.views, offset, type.bytes) : undefined
  }

  static create(agent: Agent, typeCode: unknown, initial?: unknown, options?: ValueOptions): Value {
    const type = elementType(typeCode)
    const lock = MemberLock.choose(agent, options, 'the options of a Value')
    if (initial !== undefined) checkElement(type, initial)
    const block = agent.allocate(KindId.value, MEMBER_LOCK_BYTES + 8)
    const value = new Value(agent, block, type, lock)
    if (initial !== undefined) value.#view[value.#index] = initial as number
    agent.adopt(value, block)
    return value
  }

  get value(): number {
    this.#agent.assertOpen()
    return this.#view[this.#index] as number
  }

  set value(value: number) {
    this.#agent.assertOpen()
    checkElement(this.#type, value)
    this.#view[this.#index] = value
  }

  get lock(): Lock | undefined {
    return this.#lock.of(this, this.#agent, this.#block)
  }

  runExclusive<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return requireLock(this.lock, 'this Value').runExclusive(fn, options)
  }

  runExclusiveSync<R>(fn: () => R, options?: SyncWaitOptions): R {
    return requireLock(this.lock, 'this Value').runExclusiveSync(fn, options)
  }

  add(operand: number): number {
    this.#agent.assertOpen()
    checkOperand(this.#type, operand)
    if (this.#float) return this.#float.update((old) => old + operand)
    return Atomics.add(this.#view, this.#index, operand)
  }

  sub(operand: number): number {
    this.#agent.assertOpen()
    checkOperand(this.#type, operand)
    if (this.#float) return this.#float.update((old) => old - operand)
    return Atomics.sub(this.#view, this.#index, operand)
  }

  and(operand: number): number {
    this.#checkBits('and', operand)
    return Atomics.and(this.#view, this.#index, operand)
  }

  or(operand: number): number {
    this.#checkBits('or', operand)
    return Atomics.or(this.#view, this.#index, operand)
  }

  xor(operand: number): number {
    this.#checkBits('xor', operand)
    return Atomics.xor(this.#view, this.#index, operand)
  }

  exchange(value: number): number {
    this.#agent.assertOpen()
    checkElement(this.#type, value)
    if (this.#float) return this.#float.update(() => value)
    return Atomics.exchange(this.#view, this.#index, value)
  }

  compareExchange(expected: number, value: number): number {
    this.#agent.assertOpen()
    checkElement(this.#type, expected)
    checkElement(this.#type, value)
    if (this.#float) return this.#float.compareExchange(expected, value)
    return Atomics.compareExchange(this.#view, this.#index, expected, value)
  }

  toString(): string {
    return String(this.value)
  }

  toJSON(): number {
    return this.value
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block, [this.#type.index, this.#lock.mode], this.#lock.parts)
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected(`Value(${this.#type.name})`, () => ({ value: this.value }), how)
  }

  #checkBits(operation: string, operand: unknown): void {
    this.#agent.assertOpen()
    if (this.#float) throw new TypeError(`${operation}() works on integers only; this Value is a ${this.#type.name}`)
    checkOperand(this.#type, operand)
  }

  static attach(agent: Agent, block: Block, handle: Handle): Value {
    const [type, mode] = handle.data as [number, number]
    return new Value(agent, block, elementTypeAt(type), MemberLock.arrived(mode, handle.parts[0]))
  }
}

defineKind(KindId.value, { attach: (agent, block, handle) => Value.attach(agent, block as Block, handle) })
