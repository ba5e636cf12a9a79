import { fstatSync, writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import { isMainThread } from 'node:worker_threads'

const OUTPUTS = [
  ['stdout', 1],
  ['stderr', 2],
] as const

/**
 * Makes what this agent prints go straight to the program's output, and be there when the call returns.
 *
 * A thread's output Node would hand to the thread that started it, whose event loop has to turn for it to arrive, and until then it would keep this thread from
 * ending: `joinSync()` in the starter would wait for ever for a thread that waits for the starter. What is printed when a worker is terminated would be lost. A
 * process's output Node would write to a pipe without blocking, and lose with `process.exit()` what did not fit; and for that it would set flags that belong to
 * all processes which have inherited the same pipe, so that one of them would block, or fail, where another expects nothing of the kind.
 */
export function printDirectly(): void {
  for (const [name, fd] of OUTPUTS) {
    const property = Object.getOwnPropertyDescriptor(process, name)
    const open = property?.get
    if (!property?.configurable || !open) continue
    // Node opens them on first use, which is worth some milliseconds to those who never print.
    let stream: Writable | undefined
    const get = () => {
      stream ??= isMainThread ? outputOf(fd, open) : redirected(open.call(process) as Writable, fd)
      return stream
    }
    Object.defineProperty(process, name, { ...property, get })
  }
}

/** A thread's own stream, which Node expects to find there; only the way out is another. */
function redirected(stream: Writable, fd: number): Writable {
  stream._writev = (chunks, done) => writeChunks(fd, chunks, done)
  return stream
}

/** Terminals and files Node writes to as is wanted. */
function outputOf(fd: number, open: () => unknown): Writable {
  return canBeFull(fd) ? new DirectOutput(fd) : (open.call(process) as Writable)
}

function canBeFull(fd: number): boolean {
  try {
    // As bigint: a stat in plain numbers of a pipe would break Node's `realpathSync`.
    const stat = fstatSync(fd, { bigint: true })
    return stat.isFIFO() || stat.isSocket()
  } catch {
    return false
  }
}

class DirectOutput extends Writable {
  /** What Node's own streams of output have, and programs look at. */
  readonly _type = 'pipe'
  readonly _isStdio = true

  constructor(readonly fd: number) {
    super({ decodeStrings: false, autoDestroy: false })
  }

  override _write(chunk: string | Uint8Array, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    writeChunks(this.fd, [{ chunk, encoding }], done)
  }

  override _writev(chunks: Chunks, done: (error?: Error | null) => void): void {
    writeChunks(this.fd, chunks, done)
  }
}

type Chunks = readonly { readonly chunk: string | Uint8Array; readonly encoding: BufferEncoding }[]

function writeChunks(fd: number, chunks: Chunks, done: (error?: Error | null) => void): void {
  try {
    for (const { chunk, encoding } of chunks) writeDirectly(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
    done()
  } catch (error) {
    done(error as Error)
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes all of it before it returns, whether or not the descriptor blocks.
 * @throws what the system says where it can never be written (`EPIPE`, …)
 */
export function writeDirectly(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      // It is full, and another of those who share it has set it not to block. Whoever reads it will make room.
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
