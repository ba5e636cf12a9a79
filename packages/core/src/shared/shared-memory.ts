import type { Backend, NamedMemory } from '../backend.js'
import type { SharedMemory as SharedMemoryContract, SharedMemoryOptions } from '../contracts/shared-memory.js'
import { ClosedError, MultiprocError, NotCloneableError, NotSupportedError, ResourceError, StateError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import { checkOptions, flagOf, shown } from '../options.js'
import { SHARE } from '../wire/shareable.js'

/** V8 of Node 20 has no larger views. */
const LARGEST = 4 * 2 ** 30
/** Bytes; what files are called may have 255 of them. */
const LONGEST_NAME = 250
/** How many names are made up before it is given up: each is taken with a chance of one in four billion. */
const ATTEMPTS = 10

/** @see SharedMemoryContract */
export class SharedMemory implements SharedMemoryContract {
  readonly name: string
  readonly size: number
  readonly #memory: NamedMemory
  #bytes: Uint8Array | undefined

  constructor(backend: Backend, options: SharedMemoryOptions) {
    const given = checkOptions(options, 'the options of a SharedMemory')
    const name = nameOf(given?.name)
    const creates = flagOf(given?.create, 'create', false)
    const size = sizeOf(given?.size, creates)
    if (name === undefined && !creates) throw new TypeError('a SharedMemory needs a name to attach to, or { create: true }')
    if (!backend.namedMemory || !backend.capabilities.namedMemory) {
      throw new NotSupportedError(
        `the backend '${backend.name}' has no memory that is found by name (capabilities.namedMemory). Share an Array, or use @multiproc/backend-fork`,
      )
    }
    this.#memory = backend.namedMemory
    const [found, buffer] = creates ? create(this.#memory, name, size) : [name as string, open(this.#memory, name as string)]
    this.name = found
    this.size = buffer.byteLength
    this.#bytes = new Uint8Array(buffer)
  }

  get buf(): Uint8Array {
    if (!this.#bytes) throw new ClosedError(`the shared memory '${this.name}' is closed here`)
    return this.#bytes
  }

  close(): void {
    this.#bytes = undefined
  }

  unlink(): void {
    asked(`the shared memory '${this.name}' cannot be unlinked`, () => this.#memory.unlink(this.name))
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [SHARE](): never {
    throw new NotCloneableError('a SharedMemory is found by its name: send that, and attach to it there', '')
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('SharedMemory', () => ({ name: this.name, size: this.buf.length }), how)
  }
}

function create(memory: NamedMemory, name: string | undefined, size: number): readonly [string, ArrayBuffer] {
  for (let left = name === undefined ? ATTEMPTS : 1; ; left--) {
    const chosen = name ?? `psm_${madeUp()}`
    try {
      return [
        chosen,
        asked(`the shared memory '${chosen}' of ${size} bytes cannot be created`, () => memory.create(chosen, size)),
      ]
    } catch (error) {
      if (left === 1 || !(error instanceof StateError)) throw error
    }
  }
}

function open(memory: NamedMemory, name: string): ArrayBuffer {
  const what = `nobody can attach to the shared memory '${name}'`
  const buffer = asked(what, () => memory.open(name))
  if (buffer.byteLength === 0) throw new StateError(`${what}: it has no bytes. Its creator has not come to it, or died before`)
  return buffer
}

/** Asks the system, and puts what it refuses into our terms. */
function asked<T>(what: string, ask: () => T): T {
  try {
    return ask()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new StateError(`${what}: the name is taken. Attach to it, unlink it, or choose another`, { cause })
    if (code === 'ENOENT') throw new StateError(`${what}: nothing has that name`, { cause })
    if (code === undefined || cause instanceof MultiprocError) throw cause
    throw new ResourceError(`${what}: ${message}`, { cause })
  }
}

/** @throws TypeError for what can be no file's name */
function nameOf(name: unknown): string | undefined {
  if (name === undefined) return undefined
  if (typeof name !== 'string') throw new TypeError(`the name of a SharedMemory must be a string; got ${shown(name)}`)
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || Buffer.byteLength(name) > LONGEST_NAME) {
    throw new TypeError(
      `the name of a SharedMemory must be 1 to ${LONGEST_NAME} bytes long and have no slash or NUL in it; got ${shown(name)}`,
    )
  }
  return name
}

/** @throws TypeError for what is no number; RangeError for one that cannot be */
function sizeOf(size: unknown, creates: boolean): number {
  if (size === undefined && !creates) return 0
  if (typeof size !== 'number') throw new TypeError(`size must be a number of bytes; got ${shown(size)}`)
  if (creates && !(Number.isInteger(size) && size >= 1 && size <= LARGEST))
    throw new RangeError(`size must be a whole number of bytes from 1 to ${LARGEST}; got ${size}`)
  return size
}

/** Eight digits. From the global, which Node loads when it is first used: `node:crypto` takes each agent some milliseconds of its start. */
function madeUp(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString('hex')
}
