import { encode } from 'fast-png'
import type { Picture } from './mandelbrot.js'

/** Red, green and blue from the farthest points to those next to the set, as in many drawings of it. */
const palette: readonly (readonly [number, number, number])[] = [
  [0, 7, 60],
  [23, 80, 170],
  [110, 185, 235],
  [245, 250, 255],
  [255, 190, 60],
  [170, 60, 10],
  [40, 6, 30],
]

/**
 * A PNG of the picture, whose colours are shared out evenly among the points, the set itself black
 * (https://en.wikipedia.org/wiki/Plotting_algorithms_for_the_Mandelbrot_set#Histogram_coloring).
 */
export function png({ pixels, histogram, width, height }: Picture): Uint8Array {
  const ranks = ranksOf(histogram)
  const data = new Uint8Array(pixels.length * 3)
  for (const [n, steps] of pixels.entries()) {
    if (steps === 0) continue
    const whole = Math.floor(steps)
    const low = ranks[whole] ?? 0
    const rank = low + ((ranks[whole + 1] ?? 1) - low) * (steps - whole)
    data.set(colourAt(rank), n * 3)
  }
  return encode({ width, height, data, channels: 3, depth: 8 })
}

/** For each number of steps, the share of points that took fewer, those of the set (at 0) left out. */
function ranksOf(histogram: Uint32Array): Float64Array {
  const ranks = new Float64Array(histogram.length)
  let below = 0
  for (let n = 1; n < histogram.length; n++) {
    ranks[n] = below
    below += histogram[n] ?? 0
  }
  return ranks.map((rank) => rank / below)
}

/** Between the two neighbours in the palette. */
function colourAt(rank: number): number[] {
  const place = Math.min(Math.max(rank, 0), 1) * (palette.length - 1)
  const n = Math.min(Math.floor(place), palette.length - 2)
  const [from = [0, 0, 0], to = [0, 0, 0]] = palette.slice(n, n + 2)
  return from.map((channel, k) => channel + ((to[k] ?? 0) - channel) * (place - n))
}
