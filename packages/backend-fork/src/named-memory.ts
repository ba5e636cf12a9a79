import { closeSync, fstatSync, ftruncateSync } from 'node:fs'
import { markAsUntransferable } from 'node:worker_threads'
import type { NamedMemory } from '@multiproc/core'
import type { System } from './system.js'

/** V8 of Node 20 aborts the process for larger views. */
const LARGEST = 4 * 2 ** 30

/** @param system called when it is used: whoever only imports the package need not have it */
export function namedMemory(system: () => System): NamedMemory {
  return {
    create(name, bytes) {
      const calls = system()
      const fd = calls.openNamed(name, true)
      try {
        ftruncateSync(fd, bytes)
        // Now, where it is an error. Later it would be a SIGBUS.
        if (!calls.reserve(fd, 0, bytes)) throw failure('ENOSPC', `there is no room for ${bytes} bytes of named memory`)
        return map(calls, fd, bytes)
      } catch (error) {
        calls.unlinkNamed(name)
        throw error
      } finally {
        closeSync(fd)
      }
    },

    open(name) {
      const calls = system()
      const fd = calls.openNamed(name, false)
      try {
        // Pages behind the end of the file cannot be touched. (As bigint: see `inodeOf` in `linux.ts`.)
        const size = Number(fstatSync(fd, { bigint: true }).size)
        if (size > LARGEST) throw failure('EFBIG', `it has ${size} bytes, and no view in JavaScript has more than ${LARGEST}`)
        return size === 0 ? new ArrayBuffer(0) : map(calls, fd, size)
      } finally {
        closeSync(fd)
      }
    },

    unlink(name) {
      system().unlinkNamed(name)
    },
  }
}

/** The whole file, mapped until its buffer is collected: whoever still has a view may use it, so nothing can be unmapped under it. */
function map(calls: System, fd: number, bytes: number): ArrayBuffer {
  const address = calls.map(fd, bytes)
  if (address === undefined) throw failure('ENOMEM', `there is no address space for ${bytes} bytes`)
  const buffer = calls.view(address, bytes)
  // Elsewhere it would outlive the mapping.
  markAsUntransferable(buffer)
  unmapping.register(buffer, () => calls.unmap(address, bytes))
  return buffer
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

const unmapping = new FinalizationRegistry<() => void>((unmap) => unmap())
