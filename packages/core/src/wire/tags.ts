/**
 * The wire format: how one value lies in memory on its way from one agent to another.
 *
 * A message is a run of 32-bit words in the machine's own byte order (it never leaves the machine), a multiple of 8 bytes long
 * and 8-aligned. Word 0 is the header, a set of {@link Flag}s. The root value follows.
 *
 * A value is one word, the tag in its low 8 bits and a small argument in the upper 24, followed by what the table below names.
 * `w` is one word, `d` a float64 in two words (not aligned unless it says so), `bytes` are padded to a whole word, `value` is a value.
 *
 * | tag | argument | followed by |
 * |---|---|---|
 * | Absent | – | nothing: a hole of an array, a property deleted while it was being read |
 * | Undefined Null True False | – | nothing |
 * | Int24 | the integer | nothing |
 * | Int32 | – | w |
 * | Double | – | padding to 8; float64 |
 * | BigInt64 | – | 2 w, two's complement |
 * | BigIntHex | 1 when negative | value: the magnitude as a hexadecimal string |
 * | Latin1 Utf16 | length below 2^24 | bytes |
 * | LongLatin1 LongUtf16 | – | w: length; bytes |
 * | Back | – | w: number of an object that began earlier in this message |
 * | Shape | number of keys | w: hash; w: words of the key block; the key block (`shapes.ts`); a value per key |
 * | ShapeAgain | number of the shape in this message | a value per key |
 * | Dictionary | – | w: count; count × (key, value) |
 * | Array | {@link ArrayFlag}s | w: length; values, holes as Absent or Skip, until the length is reached; if Named: as Dictionary |
 * | Skip | – | w: how many holes |
 * | Ints | – | w: length; length × w |
 * | Doubles | – | w: length; padding to 8; length × float64 |
 * | Map, Set | – | w: count; count × (key, value), count × value |
 * | Date | – | d: milliseconds or NaN |
 * | RegExp | – | source, flags: two strings |
 * | Boxed | – | value: the primitive |
 * | Buffer | – | d: length; padding to 8; bytes padded to 8 |
 * | ArrayBuffer | – | w: number of the block |
 * | View | which kind: `views.ts` | w: number of the block; d: offset; d: length, in bytes |
 * | Error | see `errors-on-the-wire.ts` | |
 * | Handle | kind | d: id; w: count; count × d; w: count; count × value: the parts |
 * | LaterObject LaterArray LaterMap LaterSet | – | nothing: the content stands behind the root, see below |
 *
 * **Objects are numbered** in the order in which they begin (primitives, strings among them, have no number);
 * the receiver keeps the table only when Flag.Backs says that someone refers to it.
 *
 * **Depth.** Beyond {@link INLINE_DEPTH} levels a container is sent as an empty shell (Later…), and its content, a Shape, Dictionary, Array,
 * … value without a number of its own, stands behind the root value, in order of the shells. Neither side's stack grows with the data.
 *
 * **Blocks** are the ArrayBuffers, so that views of one buffer share it after arrival. With Flag.Blocks the last word of the message is the word at
 * which their section begins, 8-aligned: w: count; w: 0; then for each d: offset of its first byte in the sender's buffer; d: byte length;
 * d: maxByteLength or -1; its bytes padded to 8.
 */
export enum Tag {
  Absent = 0,
  Undefined = 1,
  Null = 2,
  True = 3,
  False = 4,
  Int24 = 5,
  Int32 = 6,
  Double = 7,
  BigInt64 = 8,
  BigIntHex = 9,
  Latin1 = 10,
  Utf16 = 11,
  LongLatin1 = 12,
  LongUtf16 = 13,
  Back = 14,
  Shape = 15,
  ShapeAgain = 16,
  Dictionary = 17,
  Array = 18,
  Skip = 19,
  Ints = 20,
  Doubles = 21,
  Map = 22,
  Set = 23,
  Date = 24,
  RegExp = 25,
  Boxed = 26,
  Buffer = 27,
  ArrayBuffer = 28,
  View = 29,
  Error = 30,
  Handle = 31,
  LaterObject = 32,
  LaterArray = 33,
  LaterMap = 34,
  LaterSet = 35,
}

/** Bits of the header word. */
export enum Flag {
  /** The root is a 32-bit integer, and word 1 is it: by far the commonest small message. */
  Int = 1,
  /** Something refers back to an object by number. */
  Backs = 2,
  /** There is a section of blocks. */
  Blocks = 4,
}

export enum ArrayFlag {
  /** Mostly holes: built by assignment, without room for all of them. */
  Sparse = 1,
  /** Properties that are no elements follow. */
  Named = 2,
}

/** Levels of nesting that are written in place. Small enough for the smallest stack, large enough for what people send. */
export const INLINE_DEPTH = 100
