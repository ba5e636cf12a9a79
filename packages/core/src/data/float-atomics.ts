/**
 * Atomic operations on floats, which `Atomics` does not have: compare-and-swap of their bits as an integer of the same size.
 * Equal means equal bits, so that a NaN can be exchanged and -0 is not 0.
 */
import type { Views } from '../memory/space.js'

const scratch = new DataView(new ArrayBuffer(8))

/** One float in shared memory. */
export interface FloatCell {
  load(): number
  store(value: number): void
  /** Replaces the value by what `next` makes of it; the value replaced. */
  update(next: (old: number) => number): number
  /** Stores `value` where the bits are those of `expected`; the value found. */
  compareExchange(expected: number, value: number): number
}

/** @param offset bytes from the start of the views */
export function floatCell(views: Views, offset: number, bytes: number): FloatCell {
  return bytes === 4 ? new Float32Cell(views, offset / 4) : new Float64Cell(views, offset / 8)
}

class Float32Cell implements FloatCell {
  constructor(
    readonly views: Views,
    readonly at: number,
  ) {}
  load(): number {
    return float32Of(Atomics.load(this.views.i32, this.at))
  }
  store(value: number): void {
    Atomics.store(this.views.i32, this.at, bits32(value))
  }
  update(next: (old: number) => number): number {
    for (let seen = Atomics.load(this.views.i32, this.at); ; ) {
      const old = float32Of(seen)
      const found = Atomics.compareExchange(this.views.i32, this.at, seen, bits32(next(old)))
      if (found === seen) return old
      seen = found
    }
  }
  compareExchange(expected: number, value: number): number {
    return float32Of(Atomics.compareExchange(this.views.i32, this.at, bits32(expected), bits32(value)))
  }
}

class Float64Cell implements FloatCell {
  constructor(
    readonly views: Views,
    readonly at: number,
  ) {}
  load(): number {
    return float64Of(Atomics.load(this.views.i64, this.at))
  }
  store(value: number): void {
    Atomics.store(this.views.i64, this.at, bits64(value))
  }
  update(next: (old: number) => number): number {
    for (let seen = Atomics.load(this.views.i64, this.at); ; ) {
      const old = float64Of(seen)
      const found = Atomics.compareExchange(this.views.i64, this.at, seen, bits64(next(old)))
      if (found === seen) return old
      seen = found
    }
  }
  compareExchange(expected: number, value: number): number {
    return float64Of(Atomics.compareExchange(this.views.i64, this.at, bits64(expected), bits64(value)))
  }
}

function bits32(value: number): number {
  scratch.setFloat32(0, value)
  return scratch.getInt32(0)
}
function float32Of(bits: number): number {
  scratch.setInt32(0, bits)
  return scratch.getFloat32(0)
}
function bits64(value: number): bigint {
  scratch.setFloat64(0, value)
  return scratch.getBigInt64(0)
}
function float64Of(bits: bigint): number {
  scratch.setBigInt64(0, bits)
  return scratch.getFloat64(0)
}
