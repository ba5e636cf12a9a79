import { closeSync, openSync, writeSync } from 'node:fs'
import { createServer, type Server, Socket } from 'node:net'
import { devNull } from 'node:os'
import type { Doorbell } from '@multiproc/core'
import { isExhausted } from './resources.js'
import type { System } from './system.js'

/** Behind an agent's bell, three words say where its pipe is: in which process, under which descriptor (0: nobody listens yet), with which inode. */
const PID = 1
const FD = 2
const INODE = 3

const RING = new Uint8Array(1)
const NONE = -1

/** An event loop is woken by a byte in its agent's pipe. The bell's word says whether one is on its way. */
export class PipeDoorbell implements Doorbell {
  readonly #socket: Socket
  readonly #write: number
  readonly #listener: Listener | undefined
  #closed = false

  constructor(system: System, words: Int32Array, index: number, onRing: () => void) {
    const { read, write } = system.openPipe('socket')
    this.#write = write
    const rung = () => {
      if (this.#closed) return
      // Lower the bell before looking around: whoever changes something from here on rings anew.
      Atomics.store(words, index, 0)
      onRing()
    }
    const callback = () => {
      rung()
      return true
    }
    const onread = { buffer: new Uint8Array(64), callback }
    this.#socket = new Socket({ fd: read, readable: true, writable: false, onread } as ConstructorParameters<typeof Socket>[0])
    this.#socket.unref()
    this.#socket.resume()
    const inode = system.inodeOf(read)
    this.#listener = system.mayBeBarred() ? new Listener(system.addressOf(process.pid, inode), rung) : undefined
    Atomics.store(words, index + PID, process.pid)
    Atomics.store(words, index + INODE, inode | 0)
    Atomics.store(words, index + FD, read)
    // Who rang before that found nobody listening.
    if (Atomics.load(words, index) !== 0) setImmediate(rung)
  }

  hold(pending: boolean): void {
    if (this.#closed) return
    if (pending) this.#socket.ref()
    else this.#socket.unref()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    this.#listener?.close()
    closeSync(this.#write)
  }
}

/** The other way to ring: for those who may not open the pipe. A byte on a connection is a ring. */
class Listener {
  readonly #server: Server
  readonly #connections = new Set<Socket>()

  constructor(address: string, rung: () => void) {
    this.#server = createServer((connection) => {
      this.#connections.add(connection)
      connection
        .on('data', rung)
        .on('error', () => {})
        .once('close', () => this.#connections.delete(connection))
        .unref()
    })
    this.#server.on('error', () => {})
    // Exclusive: in a worker of node:cluster it would be the primary that listens.
    this.#server.listen({ path: address, exclusive: true }).unref()
  }

  close(): void {
    this.#server.close()
    for (const connection of this.#connections) connection.destroy()
  }
}

/** The doorbells of others, as far as this agent has rung them. */
export class Doorbells {
  readonly #system: System
  /** Open pipes, by the index of the bell's word. */
  readonly #open = new Map<number, Pipe>()
  /** Kept for the time when there are no more: a bell that cannot be rung is a wake-up lost. */
  #spare = openSync(devNull, 'r')

  constructor(system: System) {
    this.#system = system
  }

  ring(words: Int32Array, index: number): void {
    const fd = Atomics.load(words, index + FD)
    if (fd === 0) return
    const pipe = this.#open.get(index) ?? this.#add(words, index, fd)
    if (pipe === undefined) return
    if (!isAt(pipe, words, index)) {
      this.#drop(index, pipe)
      return this.ring(words, index)
    }
    try {
      writeSync(pipe.descriptor, RING)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Full: there is more than enough to be read. Without a reader: it has died.
      if (code === 'EPIPE') this.#drop(index, pipe)
      else if (code !== 'EAGAIN') throw error
    }
  }

  close(): void {
    for (const [index, pipe] of this.#open) this.#drop(index, pipe)
    if (this.#spare !== NONE) closeSync(this.#spare)
  }

  #add(words: Int32Array, index: number, fd: number): Pipe | undefined {
    // The pipes of those who have died or been replaced: their words were cleared or have changed.
    for (const [other, pipe] of this.#open) if (!isAt(pipe, words, other)) this.#drop(other, pipe)
    const pid = Atomics.load(words, index + PID)
    const inode = Atomics.load(words, index + INODE)
    let descriptor: number | undefined
    try {
      descriptor = this.#system.openPipeOf(pid, fd, inode >>> 0)
    } catch (error) {
      if (!isExhausted(error)) throw error
      descriptor = this.#openInstead(pid, fd, inode)
    }
    if (descriptor === undefined) return undefined
    const pipe = { pid, fd, inode, descriptor }
    this.#open.set(index, pipe)
    return pipe
  }

  /** In the place of those that are open already, and of the spare one. */
  #openInstead(pid: number, fd: number, inode: number): number | undefined {
    for (const [other, pipe] of this.#open) this.#drop(other, pipe)
    if (this.#spare !== NONE) closeSync(this.#spare)
    try {
      return this.#system.openPipeOf(pid, fd, inode >>> 0)
    } finally {
      this.#spare = openSpare()
    }
  }

  #drop(index: number, { descriptor }: Pipe): void {
    this.#open.delete(index)
    closeSync(descriptor)
  }
}

function openSpare(): number {
  try {
    return openSync(devNull, 'r')
  } catch (error) {
    // Taken for what it was kept for. The next pipe opens in this one's place.
    if (isExhausted(error)) return NONE
    throw error
  }
}

interface Pipe {
  readonly pid: number
  readonly fd: number
  readonly inode: number
  readonly descriptor: number
}

function isAt({ pid, fd, inode }: Pipe, words: Int32Array, index: number): boolean {
  return words[index + PID] === pid && words[index + FD] === fd && words[index + INODE] === inode
}
