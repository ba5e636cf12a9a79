/**
 * A list in shared memory, without a server: every agent that has it reads and writes the same items, which are anything that travels. Indexes are whole numbers
 * from 0; what is no such number is a TypeError.
 *
 * An item is a copy, when it is stored and at each `get`; shared objects in it are the shared objects themselves, and live as long as the item.
 *
 * Every operation is one step for all others, also where the agent that does it dies in the middle: it has happened, or it has not. `get`, `set`, `push` and `pop`
 * take as long in a long list as in a short one; `insert` and `delete` elsewhere than at the end copy a word for each item. To take from the front, use a Queue.
 * Nothing waits for an event loop, so there are no async forms. Use after the context was closed is a ClosedError.
 */
export interface SharedList<T = unknown> {
  /** How many items it has at this moment. */
  readonly length: number
  /** The item there, a copy; `undefined` behind the end. */
  get(index: number): T | undefined
  /**
   * Sets the item there.
   * @throws RangeError behind the end; NotCloneableError for what cannot travel (`item.onClick`); ResourceError or TooLargeError where there is no memory for it.
   *   The list is then as before
   */
  set(index: number, item: T): void
  /**
   * Appends items, all in one step.
   * @returns the length with them
   * @throws as `set`
   */
  push(...items: T[]): number
  /** Takes the last item out; `undefined` where there is none. */
  pop(): T | undefined
  /**
   * Puts items in before the one that is there now; at `length`, behind the last. All in one step.
   * @throws RangeError beyond `length`; and as `set`
   */
  insert(index: number, ...items: T[]): void
  /**
   * Takes the item out that is there; those behind it move up.
   * @returns the item
   * @throws RangeError behind the end, or where there is no memory for the list without it
   */
  delete(index: number): T
  /**
   * Makes the new item of the one that is there, with nobody else in between.
   *
   * Everyone else waits while `fn` runs, their threads blocked: it should be short, and wait for nobody. It may use this list, but must leave the item where it is.
   * @param fn gets the item, a copy; its result is stored. What it throws leaves the list as before
   * @returns what `fn` returned
   * @throws RangeError behind the end; TypeError where `fn` returns a promise. And what `set` throws
   */
  update(index: number, fn: (item: T) => T): T
  /** A part of it as an array, as `Array.prototype.slice` has it: negative indexes count from the end. */
  slice(start?: number, end?: number): T[]
  /** Takes all items out. */
  clear(): void
  /** The items as they are at this call; later changes do not show. */
  values(): IterableIterator<T>
  /** As `values`: for `for … of`, and `[...list]`. */
  [Symbol.iterator](): IterableIterator<T>
}
