import { closeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { type Doorbell, type Memory, ResourceError } from '@multiproc/core'
import { Doorbells, PipeDoorbell } from './doorbell.js'
import { addressOf, Mapping } from './mapping.js'
import { obtain } from './resources.js'
import type { System } from './system.js'

/** The file begins with a page of the backend's own, in front of address 0. */
const HEADER_BYTES = 4096
/** How much of the memory is usable, in units of {@link UNIT_BYTES}. */
const SIZE = 0
/** How many lives were announced. Each has a byte of its own to lock, so that none is ever taken for another. */
const LIVES = 1
const UNIT_BYTES = 65536

/** Bytes; a block of memory lies within one of these. V8 of Node 20 has no larger views. */
const SEGMENT_BYTES = 4 * 2 ** 30
const LEAST_CAPACITY = 2 ** 26

/** Where the bytes to be locked are: far behind all content. */
const LIVES_AT = 2 ** 50

/** ms after which a sleeping worker thread looks up: `worker.terminate()` takes effect only in JavaScript. Processes are ended by signals. */
const LONGEST_SLEEP = isMainThread ? Number.POSITIVE_INFINITY : 100

/** Memory in a nameless file that every process of the family has mapped. */
export class MmapMemory implements Memory {
  readonly segmentBytes = SEGMENT_BYTES
  readonly capacity: number
  /** For children: they inherit it. */
  readonly file: number
  readonly #system: System
  readonly #mapping: Mapping
  readonly #header: Int32Array
  readonly #own: OwnDescriptors
  /** The lives of those who started this agent, and of those who started them. */
  readonly #ancestors: readonly number[]
  #life = 0
  #closed = false

  private constructor(system: System, own: OwnDescriptors, mapping: Mapping, capacity: number, ancestors: readonly number[]) {
    this.#ancestors = ancestors
    this.#system = system
    this.#mapping = mapping
    this.capacity = capacity
    this.file = own.file
    this.#own = own
    this.#header = headerOf(mapping)
  }

  /**
   * @param capacity bytes that it may grow to
   * @throws ResourceError where there is no address space even for 64 MiB, or there are no more descriptors
   */
  static create(system: System, capacity: number): MmapMemory {
    return obtain('shared memory', () => MmapMemory.#create(system, capacity))
  }

  static #create(system: System, capacity: number): MmapMemory {
    for (let bytes = capacity; ; bytes = Math.floor(bytes / 2 / UNIT_BYTES) * UNIT_BYTES) {
      const memory = MmapMemory.#tryCreate(system, bytes)
      if (memory) return memory
      if (bytes <= LEAST_CAPACITY)
        throw new ResourceError(`no address space for ${bytes} bytes of shared memory: see \`ulimit -v\` and \`ulimit -f\``)
    }
  }

  /** @returns `undefined` where there is no address space for it */
  static #tryCreate(system: System, capacity: number): MmapMemory | undefined {
    let file: number
    try {
      file = system.createFile(HEADER_BYTES + capacity)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EFBIG') return undefined
      throw error
    }
    const own = OwnDescriptors.of(system, file)
    try {
      if (!system.reserve(file, 0, HEADER_BYTES)) throw new ResourceError('no memory: the system has not even a page to spare')
      const mapping = Mapping.of(system, file, HEADER_BYTES + capacity)
      if (mapping) return new MmapMemory(system, own, mapping, capacity, [])
    } catch (error) {
      own.close()
      throw error
    }
    own.close()
    return undefined
  }

  /**
   * @param inherited the creator's `file`, as this process has inherited it; it is taken over
   * @param creator its `capacity` and `lineage`
   * @throws ResourceError where this process has no address space for it, or no descriptors
   */
  static attach(system: System, inherited: number, { capacity, lineage }: Pick<MmapMemory, 'capacity' | 'lineage'>): MmapMemory {
    // What is inherited goes on to every program that is started from here, until it is closed.
    const own = OwnDescriptors.of(system, system.reopen(inherited))
    closeSync(inherited)
    const mapping = Mapping.of(system, own.file, HEADER_BYTES + capacity)
    if (!mapping) throw new ResourceError(`no address space for the family's ${capacity} bytes of shared memory`)
    return new MmapMemory(system, own, mapping, capacity, lineage)
  }

  /** For children: the lives on which theirs depend. */
  get lineage(): readonly number[] {
    return [...this.#ancestors, this.#life]
  }

  size(): number {
    return Atomics.load(this.#header, SIZE) * UNIT_BYTES
  }

  grow(bytes: number): boolean {
    const size = this.size()
    if (bytes <= size) return true
    if (bytes > this.capacity || !this.#system.reserve(this.file, HEADER_BYTES + size, bytes - size)) return false
    // Another agent may have grown it further in between.
    const units = Math.floor(bytes / UNIT_BYTES)
    for (let seen = Atomics.load(this.#header, SIZE); seen < units; seen = Atomics.load(this.#header, SIZE)) {
      if (Atomics.compareExchange(this.#header, SIZE, seen, units) === seen) break
    }
    return true
  }

  locate(address: number, bytes: number): { buffer: ArrayBuffer; offset: number } {
    if (address + bytes > this.capacity)
      throw new RangeError(`address ${address} lies beyond the memory's ${this.capacity} bytes`)
    return this.#mapping.locate(HEADER_BYTES + address, bytes)
  }

  wait(words: Int32Array, index: number, value: number, timeout: number): 'ok' | 'not-equal' | 'timed-out' {
    const address = addressOf(words, index)
    const deadline = performance.now() + timeout
    for (let left = timeout; ; left = deadline - performance.now()) {
      const outcome = this.#system.sleep(address, value, Math.min(left, LONGEST_SLEEP))
      if (outcome !== 'timed-out' || left <= LONGEST_SLEEP) return outcome
    }
  }

  notify(words: Int32Array, index: number, count: number): number {
    return this.#system.wake(addressOf(words, index), count)
  }

  openDoorbell(words: Int32Array, index: number, onRing: () => void): Doorbell {
    return obtain('an event loop that waits', () => new PipeDoorbell(this.#system, words, index, onRing))
  }

  ring(words: Int32Array, index: number): void {
    if (!this.#closed) this.#own.doorbells.ring(words, index)
  }

  announce(): readonly [number, number] {
    const life = Atomics.add(this.#header, LIVES, 1) + 1
    this.#system.claim(this.#own.lifeFile, LIVES_AT + life)
    this.#life = life
    return [life, 0]
  }

  isAlive(life: number): boolean | undefined {
    if (this.#closed) return undefined
    const alive = this.#system.isClaimed(this.file, LIVES_AT + life)
    // The kernel ends one generation after the other. Whoever sees an ancestor's death before it is told would fail of that, and say so.
    if (!alive && this.#ancestors.includes(life)) process.kill(process.pid, 'SIGKILL')
    return alive
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#own.close()
  }
}

/** What an agent has open for a memory. Taken before it is mapped, because what is mapped is given back only with the garbage. */
class OwnDescriptors {
  readonly file: number
  /** Holds the lock that says that this agent lives. A descriptor of its own, because locks belong to descriptors, and children inherit the other. */
  readonly lifeFile: number
  readonly doorbells: Doorbells

  private constructor(file: number, lifeFile: number, doorbells: Doorbells) {
    this.file = file
    this.lifeFile = lifeFile
    this.doorbells = doorbells
  }

  /** @param file is taken over @throws with nothing left open */
  static of(system: System, file: number): OwnDescriptors {
    let lifeFile: number | undefined
    try {
      lifeFile = system.reopen(file)
      return new OwnDescriptors(file, lifeFile, new Doorbells(system))
    } catch (error) {
      if (lifeFile !== undefined) closeSync(lifeFile)
      closeSync(file)
      throw error
    }
  }

  close(): void {
    this.doorbells.close()
    closeSync(this.lifeFile)
    closeSync(this.file)
  }
}

function headerOf(mapping: Mapping): Int32Array {
  const { buffer, offset } = mapping.locate(0, HEADER_BYTES)
  return new Int32Array(buffer, offset, HEADER_BYTES / 4)
}
