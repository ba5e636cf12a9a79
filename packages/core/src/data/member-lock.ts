import type { Agent } from '../agent.js'
import type { Lock } from '../contracts/lock.js'
import { StateError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, shown } from '../options.js'
import { RLock } from '../sync/rlock.js'
import { SHARE, type Shareable } from '../wire/shareable.js'

/** The lock that a Value or an Array comes with: `lock` in its options. */
export type LockChoice = boolean | Lock

/** How the choice travels in the owner's handle. */
const NONE = 0
const OWN = 1
const GIVEN = 2

/** Bytes at the start of the owner's block for its own lock; a multiple of 8, so that every element type is aligned behind it. */
export const MEMBER_LOCK_BYTES = 16

/** The lock of a Value or an Array: its own RLock inside the same block, one that was given, or none. */
export class MemberLock {
  #own: RLock | undefined

  private constructor(
    readonly mode: number,
    readonly given: (Lock & Shareable) | undefined,
  ) {}

  /** @throws TypeError where `lock` is neither a boolean nor a lock of the same context */
  static choose(agent: Agent, options: { readonly lock?: LockChoice | undefined } | undefined, what: string): MemberLock {
    const lock = checkOptions(options, what)?.lock
    if (lock === undefined) return new MemberLock(OWN, undefined)
    if (typeof lock === 'boolean') return new MemberLock(lock ? OWN : NONE, undefined)
    if (typeof lock !== 'object' || lock === null || typeof (lock as Lock).acquireSync !== 'function' || !(SHARE in lock)) {
      throw new TypeError(`lock must be true, false or a lock; got ${shown(lock)}`)
    }
    agent.assertOwn(lock as Lock & Shareable, 'the lock')
    return new MemberLock(GIVEN, lock as Lock & Shareable)
  }

  static arrived(mode: number, given: Shareable | undefined): MemberLock {
    return new MemberLock(mode, given as (Lock & Shareable) | undefined)
  }

  /** The lock, made when first asked for: most Values never are. */
  of(owner: Shareable, agent: Agent, block: Block): Lock | undefined {
    if (this.mode === NONE) return undefined
    if (this.given) return this.given
    this.#own ??= new RLock(agent, { block, at: block.at, within: owner }, false)
    return this.#own
  }

  get parts(): readonly Shareable[] {
    return this.given ? [this.given] : []
  }
}

/** @throws StateError where there is none */
export function requireLock(lock: Lock | undefined, what: string): Lock {
  if (lock === undefined)
    throw new StateError(
      `${what} was made with { lock: false }, so it has nothing to exclude others with. Make it with a lock, or use one of your own`,
    )
  return lock
}

// It is found through the object that it belongs to.
defineKind(KindId.memberLock, { attach: (_agent, _block, handle) => (handle.parts[0] as unknown as { lock: Shareable }).lock })
