import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'

/**
 * Makes what this thread prints go straight to the program's output. Node would hand it to the thread that started this one, whose event loop has to turn for it to arrive, and
 * until then it would keep this thread from ending: `joinSync()` in the starter would wait for ever for a thread that waits for the starter. What is printed when a worker is
 * terminated would be lost.
 */
export function printDirectly(): void {
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    const property = Object.getOwnPropertyDescriptor(process, name)
    const open = property?.get
    if (!property?.configurable || !open) continue
    let stream: Writable | undefined
    const get = () => {
      if (stream) return stream
      // Node's own stream, which Node expects to find here; only the way out is another.
      stream = open.call(process) as Writable
      stream._writev = (chunks, done) => writeChunks(fd, chunks, done)
      return stream
    }
    Object.defineProperty(process, name, { ...property, get })
  }
}

type Chunks = readonly { readonly chunk: string | Uint8Array; readonly encoding: BufferEncoding }[]

function writeChunks(fd: number, chunks: Chunks, done: (error?: Error | null) => void): void {
  try {
    for (const { chunk, encoding } of chunks) writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
    done()
  } catch (error) {
    done(error as Error)
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      // A pipe that is full, and that the main thread has set not to block. Whoever reads it will make room.
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
