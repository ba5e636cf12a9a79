import type { Part } from '../suite.js'
import { barrier } from './barrier.js'
import { condition } from './condition.js'
import { event } from './event.js'
import { fifo } from './fifo.js'
import { handles } from './handles.js'
import { joinableQueue } from './joinable-queue.js'
import { killing } from './killing.js'
import { lock } from './lock.js'
import { log } from './log.js'
import { map } from './map.js'
import { pipe } from './pipe.js'
import { pool } from './pool.js'
import { process_ } from './process.js'
import { race } from './race.js'
import { semaphore } from './semaphore.js'
import { sharedCollections } from './shared-collections.js'
import { sharedMemory } from './shared-memory.js'
import { targets } from './targets.js'
import { wait } from './wait.js'

/** The parts of the suite, by the name under which their tests run. */
export const parts: Readonly<Record<string, Part>> = {
  race,
  lock,
  semaphore,
  condition,
  event,
  barrier,
  handles,
  process: process_,
  fifo,
  'joinable-queue': joinableQueue,
  pipe,
  wait,
  map,
  pool,
  'shared-collections': sharedCollections,
  'shared-memory': sharedMemory,
  targets,
  log,
  killing,
}
