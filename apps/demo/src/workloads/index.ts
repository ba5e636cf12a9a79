import type { Job } from '../job.js'
import { digest } from './digest.js'
import { mandelbrot } from './mandelbrot.js'
import { primes } from './primes.js'
import { words } from './words.js'

/** Real work: the first two on the input's files, the others on the processors alone. */
export const workloads: readonly Job[] = [words, digest, primes, mandelbrot]
