import type { Job } from '../job.js'
import { lock } from './lock.js'
import { pool } from './pool.js'
import { processes } from './processes.js'
import { queue } from './queue.js'
import { race } from './race.js'

/** The lessons of Python's multiprocessing tutorial, in its order. */
export const lessons: readonly Job[] = [processes, race, lock, queue, pool]
