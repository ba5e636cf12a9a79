/**
 * A record of a ring: a header of two words, then what its kind says, padded to 8 bytes.
 *
 * | kind   | word 0, above the kind | word 1              | then                                    |
 * |--------|------------------------|---------------------|-----------------------------------------|
 * | int    | –                      | the integer         | –                                       |
 * | inline | bytes of the encoding  | number of handles   | the encoding; the handles' ids          |
 * | large  | –                      | number of handles   | packed address and bytes; the handles' ids |
 * | next   | –                      | packed address      | – (the sequence goes on in that segment) |
 */
export const RecordKind = { int: 1, inline: 2, large: 3, next: 4 } as const
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind]
export const KIND_MASK = 7
/** Set on a record that was revoked: whoever takes it gets `REVOKED`. */
export const REVOKED_BIT = 8
export const SIZE_SHIFT = 4
export const HEADER_BYTES = 8

/** Encodings of more bytes go into a block of their own. */
export const INLINE_BYTES = 8192

/** What `Ring.take` gives for a record that was revoked. */
export const REVOKED: unique symbol = Symbol('revoked')

/** A record on its way into a ring, already encoded, so that it can be offered again after a wait. */
export interface Outgoing {
  readonly kind: RecordKind
  /** Of an int. */
  readonly int: number
  /** Bytes of the encoding. */
  readonly size: number
  /** Copies an inline encoding to its place, 8-aligned. */
  copyTo(target: Uint8Array, offset: number): void
  /** Of the block that holds a large encoding. */
  readonly address: number
  /** Ids of the handles in it. */
  readonly handles: readonly number[]
}

/** Bytes that a record takes in its segment. */
export function recordBytes(kind: RecordKind, size: number, handles: number): number {
  const body = kind === RecordKind.inline ? size : kind === RecordKind.large ? 8 : 0
  return (HEADER_BYTES + body + handles * 4 + 7) & ~7
}
