import type { Connection } from './connection.js'
import type { Process } from './process.js'
import type { Queue } from './queue.js'
import type { SimpleQueue } from './simple-queue.js'

/**
 * What `wait` can wait for, and when it is ready: a Process when it has ended; a Connection when a `recv` would not have to wait; a Queue of any kind when it has an
 * item or is shut down.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever they carry
export type Waitable = Process | Connection<any, any> | Queue<any> | SimpleQueue<any>
