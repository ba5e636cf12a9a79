/** What every pool runs: the same functions, in a CommonJS module without imports, loaded by each in its own way. */

function double(number: number): number {
  return number * 2
}

/** A chunk cut by hand, for pools that have no `map`. */
function doubleAll(numbers: readonly number[]): number[] {
  return numbers.map(double)
}

/** Pure CPU work in proportion to `turns`: xorshift, after G. Marsaglia, "Xorshift RNGs" (2003). */
function burn(turns: number): number {
  let word = 123_456_789
  for (let n = 0; n < turns; n++) {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
  }
  return word
}

function lengthOf(bytes: Uint8Array): number {
  return bytes.length
}

function bytesOf(length: number): Uint8Array {
  return new Uint8Array(length).fill(7)
}

export = { double, doubleAll, burn, lengthOf, bytesOf }
