import type { TimeHistogram } from '../contracts/pool.js'

/** Up to here, in µs, each value has a bucket of its own; from here on each power of two has half as many. */
const EXACT = 64
const BUCKETS = 896

/**
 * How often which times were seen, to 3 % of each, in constant room and a few ns a value: buckets that grow with the value, as in HdrHistogram
 * (Gil Tene, http://hdrhistogram.org).
 */
export class Histogram {
  readonly #buckets = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0

  /** @param ms not negative @param times how often it was seen */
  record(ms: number, times: number): void {
    const micros = Math.min(ms * 1000, 0xffffffff) >>> 0
    const shift = micros < EXACT ? 0 : 26 - Math.clz32(micros)
    const index = shift * 32 + (micros >>> shift)
    this.#buckets[index] = (this.#buckets[index] as number) + times
    this.#count += times
    this.#sum += ms * times
    if (ms < this.#min) this.#min = ms
    if (ms > this.#max) this.#max = ms
  }

  /** Of this moment. All zero where nothing was recorded. */
  snapshot(): TimeHistogram {
    const [count, min, max] = [this.#count, this.#count === 0 ? 0 : this.#min, this.#max]
    const mean = count === 0 ? 0 : this.#sum / count
    return { count, min, max, mean, p50: this.#percentile(0.5), p90: this.#percentile(0.9), p99: this.#percentile(0.99) }
  }

  #percentile(share: number): number {
    if (this.#count === 0) return 0
    let left = Math.ceil(this.#count * share)
    let index = 0
    for (; index < BUCKETS - 1; index++) {
      left -= this.#buckets[index] as number
      if (left <= 0) break
    }
    return Math.min(Math.max(middle(index) / 1000, this.#min), this.#max)
  }
}

/** The middle of a bucket, µs. */
function middle(index: number): number {
  const shift = Math.max(0, (index >>> 5) - 1)
  return (index - shift * 32 + 0.5) * 2 ** shift
}
