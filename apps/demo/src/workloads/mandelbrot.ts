import { writeFile } from 'node:fs/promises'
import { type SharedArray, task } from '@multiproc/core'
import { count } from '../format.js'
import type { Job, Outcome } from '../job.js'
import { mapSerially } from '../serial.js'

const WIDTH = 1200
const HEIGHT = 800
/** Points that stay near for so long count as within the set. */
const MOST_STEPS = 1000

/** Steps until each point is away, row by row, with a fraction that makes colours smooth; 0 within the set. */
type Pixels = SharedArray<'float32'> | Float32Array
/** How many points took each number of steps. */
type Histogram = SharedArray<'uint32'> | Uint32Array

/** The picture and what it is coloured by. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Float32Array
  readonly histogram: Uint32Array
}

/** How long z → z² + c takes to leave: https://en.wikipedia.org/wiki/Plotting_algorithms_for_the_Mandelbrot_set. */
function steps(re: number, im: number): number {
  let x = 0
  let y = 0
  for (let n = 1; n < MOST_STEPS; n++) {
    const next = x * x - y * y + re
    y = 2 * x * y + im
    x = next
    if (x * x + y * y > 256) return n + 1 - Math.log2(Math.log2(x * x + y * y) / 2)
  }
  return 0
}

/** Each row has pixels of its own, which need no lock. Gives the row's share of the histogram. */
function paint(pixels: Pixels, row: number): Uint32Array {
  const share = new Uint32Array(MOST_STEPS + 1)
  for (let column = 0; column < WIDTH; column++) {
    const n = steps(3.6 * (column / WIDTH) - 2.5, 2.4 * (row / HEIGHT) - 1.2)
    pixels[row * WIDTH + column] = n
    share[Math.max(0, Math.floor(n))] = (share[Math.max(0, Math.floor(n))] ?? 0) + 1
  }
  return share
}

function add(histogram: Histogram, share: Uint32Array): void {
  for (const [n, points] of share.entries()) histogram[n] = (histogram[n] ?? 0) + points
}

/** The histogram is everybody's: adding to it is reading and writing, and so holds its lock. */
const paintRow = task(
  import.meta,
  function paintRow(pixels: SharedArray<'float32'>, histogram: SharedArray<'uint32'>, row: number): void {
    const share = paint(pixels, row)
    histogram.runExclusiveSync(() => add(histogram, share))
  },
)

const rows = Array.from({ length: HEIGHT }, (_, row) => row)

/** Nothing comes back from the workers: they write where everybody reads. */
export const mandelbrot: Job = {
  name: 'mandelbrot',
  title: 'Mandelbrot set',
  about: `Draws ${WIDTH} × ${HEIGHT} points into a shared Array; adds up a shared histogram under its lock, to colour by.`,
  unit: 'pixels',

  async serially(_, onProgress) {
    const pixels = new Float32Array(WIDTH * HEIGHT)
    const histogram = new Uint32Array(MOST_STEPS + 1)
    await mapSerially((row) => add(histogram, paint(pixels, row)), rows, onProgress)
    return outcome(pixels, histogram)
  },

  async on(mp, { workers }, onProgress) {
    const pixels = new mp.Array('float32', WIDTH * HEIGHT, { lock: false })
    const histogram = new mp.Array('uint32', MOST_STEPS + 1)
    await using pool = new mp.Pool(workers)
    const calls = rows.map((row): Parameters<typeof paintRow> => [pixels, histogram, row])
    await pool.starmap(paintRow, calls, { chunksize: 8, onProgress })
    return outcome(pixels.slice(), histogram.slice())
  },

  async save({ result }, path) {
    // Not imported above: the workers load this module too, and need no encoder.
    const { png } = await import('./colours.js')
    await writeFile(path, png(result as Picture))
  },
}

function outcome(pixels: Float32Array, histogram: Uint32Array): Outcome {
  const points = histogram.reduce((a, b) => a + b, 0)
  const within = histogram[0] ?? 0
  const picture: Picture = { width: WIDTH, height: HEIGHT, pixels, histogram }
  return {
    result: picture,
    items: WIDTH * HEIGHT,
    lostUpdates: WIDTH * HEIGHT - points,
    summary: `${count(within)} of ${count(points)} points are within the set`,
  }
}
