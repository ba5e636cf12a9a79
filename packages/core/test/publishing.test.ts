import { expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { ResourceError } from '../src/errors.js'
import { Lock } from '../src/sync/lock.js'
import { TestFamily } from './support/test-family.js'

/** Takes all shared memory there is. */
function exhaust(agent: Agent): void {
  for (let bytes = 2 ** 20; bytes >= 8; bytes /= 2) {
    expect(() => {
      for (;;) agent.heap.allocate(bytes, false)
    }).toThrow(ResourceError)
  }
}

test('an object that cannot be published for lack of memory is no fault of the data: the error says what has run out', () => {
  const { first } = new TestFamily()
  const lock = Lock.create(first)
  exhaust(first)
  for (const item of [lock, { deep: [lock] }]) expect(() => first.encoder.encode(item, 'item')).toThrow(ResourceError)
  // And leaves the encoder as good as new.
  first.encoder.encode('text', 'item')
})
