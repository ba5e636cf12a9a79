/** What an engine loads in the one worker of a process. */
import './mark-child.js'
import { MessagePort, parentPort, threadId } from 'node:worker_threads'
import { printDirectly, SabMemory, startChild } from '@multiproc/core'
import { backendOf } from './backend-of.js'
import type { ProcessMessage } from './launcher.js'

/**
 * The port on which the engine sends tasks. It holds the worker's event loop, which would never end of itself, and the engine shows it to nobody; but both engines
 * begin to listen on it right after this file is loaded.
 */
let enginePort: MessagePort | undefined
const prototype = MessagePort.prototype as MessagePort & { on: (...args: never[]) => unknown }
const { on } = prototype
Object.defineProperty(prototype, 'on', {
  configurable: true,
  writable: true,
  value(this: MessagePort, ...args: never[]) {
    enginePort = this
    // Once: inherited again, as it was.
    Reflect.deleteProperty(prototype, 'on')
    return Reflect.apply(on, this, args)
  },
})

/** Starts the process; for the engine, that is all there is to do. */
export default function start({ boot, segments, options }: ProcessMessage): void {
  // From here on the worker lives as long as what the process itself is doing.
  enginePort?.unref()
  parentPort?.unref()
  printDirectly()
  // Not before the engine has its answer, until which it holds the program: the target may have the thread from its first line on, for ever.
  setImmediate(() => startChild(backendOf(options), SabMemory.attach(segments), boot, threadId))
}
