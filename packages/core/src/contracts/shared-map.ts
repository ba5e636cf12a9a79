/**
 * A Map in shared memory, without a server: every agent that has it reads and writes the same entries. Keys are strings and numbers, values anything that travels.
 *
 * A value is a copy, at `set` and at each `get`: changing what `get` gave changes nothing in the map, `set` or `update` does. Shared objects in it (a Value, a Queue,
 * another SharedMap) are the shared objects themselves, and live as long as the entry.
 *
 * Every operation is one step for all others, also where the agent that does it dies in the middle: it has happened, or it has not. An operation on one entry
 * holds the map for microseconds; nothing waits for an event loop, so there are no async forms. Use after the context was closed is a ClosedError.
 */
export interface SharedMap<K extends string | number = string, V = unknown> {
  /** How many entries it has at this moment. */
  readonly size: number
  /**
   * The value of a key, a copy; `undefined` where there is none.
   * @throws TypeError for a key that is neither a string nor a number
   */
  get(key: K): V | undefined
  /** @throws TypeError for a key that is neither a string nor a number */
  has(key: K): boolean
  /**
   * Sets the value of a key. A key that is new comes last in the order; -0 is the key 0, and NaN is one key, as in a Map.
   * @throws TypeError for a key that is neither a string nor a number; NotCloneableError for a value that cannot travel (`value.onClick`);
   *   ResourceError or TooLargeError where there is no memory for it. The map is then as before
   */
  set(key: K, value: V): this
  /**
   * Takes an entry out. Its memory can be used again at once, that of shared objects in it once nobody has them.
   * @returns whether there was one
   * @throws TypeError for a key that is neither a string nor a number
   */
  delete(key: K): boolean
  /**
   * Makes the new value of a key from the one that it has, with nobody else in between.
   *
   * Everyone else waits while `fn` runs, their threads blocked: it should be short, and wait for nobody. It may use this map. A second map that it updates must be one
   * whose updates never use the first: two agents would wait for each other.
   * @param fn gets the value, a copy, or `undefined` where there is none; its result is stored, `undefined` too. What it throws leaves the map as before
   * @returns what `fn` returned
   * @throws TypeError where `fn` returns a promise: nothing may wait in there. And what `set` throws
   */
  update(key: K, fn: (value: V | undefined) => V): V
  /** Takes all entries out. */
  clear(): void
  /** The keys, in the order of their insertion, as they are at this call; later changes do not show. */
  keys(): IterableIterator<K>
  /** As `keys`, the values. All of them are copied at the call. */
  values(): IterableIterator<V>
  /** As `keys`, both. */
  entries(): IterableIterator<[K, V]>
  /** As `entries`: for `for … of`, and `new Map(shared)`. */
  [Symbol.iterator](): IterableIterator<[K, V]>
  /** Calls `fn` with each of `entries()`. */
  forEach(fn: (value: V, key: K, map: SharedMap<K, V>) => void): void
}
