/** Below this many objects looking at each beats hashing: most messages hold one to five. */
const SCANNED = 12

/** Numbers objects in the order in which they come, and finds the number of one that came before. */
export class IdentityTable {
  readonly #objects: unknown[] = []
  #numbers: Map<unknown, number> | undefined
  #hashed = false
  size = 0

  /** The number of `object`, or -1. */
  numberOf(object: object): number {
    if (this.#hashed) return this.#numbers?.get(object) ?? -1
    const objects = this.#objects
    for (let i = 0; i < this.size; i++) if (objects[i] === object) return i
    return -1
  }

  /** `object` must not be in the table yet. */
  add(object: object): number {
    const number = this.size++
    this.#objects[number] = object
    if (this.#hashed) this.#numbers?.set(object, number)
    else if (this.size > SCANNED) this.#hash()
    return number
  }

  /** Forgets all but the first `size` objects. */
  truncate(size: number): void {
    const objects = this.#objects
    if (this.#hashed) {
      if (size <= SCANNED) {
        // A cleared Map keeps nothing alive, but one that was large stays large.
        if (this.size > 1000) this.#numbers = undefined
        else this.#numbers?.clear()
        this.#hashed = false
      } else for (let i = size; i < this.size; i++) this.#numbers?.delete(objects[i])
    }
    if (this.size - size > 1000) objects.length = size
    else for (let i = size; i < this.size; i++) objects[i] = undefined
    this.size = size
  }

  #hash(): void {
    this.#numbers ??= new Map()
    for (let i = 0; i < this.size; i++) this.#numbers.set(this.#objects[i], i)
    this.#hashed = true
  }
}
