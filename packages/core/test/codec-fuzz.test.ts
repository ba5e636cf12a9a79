import { expect, test } from 'vitest'
import { canon } from './support/canon.js'
import { codec } from './support/codec.js'
import { random, randomValue } from './support/random-values.js'

test.each(Array.from({ length: 40 }, (_, i) => i + 1))(
  'random data arrives as structured clone would have it: seed %i',
  (seed) => {
    const next = random(seed)
    const { send } = codec()
    for (let round = 0; round < 250; round++) {
      const value = randomValue(next)
      expect(canon(send(value)), `round ${round}`).toBe(canon(structuredClone(value)))
    }
  },
)
