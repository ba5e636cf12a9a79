import type { Views } from './space.js'

/** A piece of shared memory as the object that lives in it knows it. What is left to finalize when that object is gone. */
export class Block {
  /** The ledger's number for it; 0 while it has never travelled. */
  id = 0

  constructor(
    /** Index into `kinds`. */
    readonly kind: number,
    readonly address: number,
    readonly bytes: number,
    readonly views: Views,
    /** Bytes from the start of the views. */
    readonly offset: number,
  ) {}

  /** Index of its first 32-bit word. */
  get at(): number {
    return this.offset / 4
  }
}
