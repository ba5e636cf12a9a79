import type { Queue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { echo } from '../../workers/queue-traffic.js'

const MiB = 2 ** 20
/** Around the bounds of words, cache lines, pages and powers of two. */
const SIZES = [
  0,
  1,
  7,
  8,
  9,
  63,
  64,
  65,
  255,
  256,
  257,
  1_023,
  1_024,
  4_095,
  4_096,
  4_097,
  65_535,
  65_536,
  65_537,
  MiB - 1,
  MiB,
  MiB + 1,
]

/** Items of any size, there and back through another process; the content is looked at. */
export function sizes(suite: Suite): void {
  suite.test('Buffers and typed arrays of 0 B to 1 MiB', async ({ mp }) => {
    const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: echo, args: [there, back] }).start()
    for (const size of SIZES) {
      const bytes = noise(size)
      const words = new Float64Array(Math.ceil(size / 8)).map((_, n) => n / 3)
      await there.put(bytes)
      await there.put({ words })
      const arrived = (await back.get()) as Buffer
      expect([Buffer.isBuffer(arrived), arrived.length, bytes.equals(arrived)], `a Buffer of ${size}`).toEqual([true, size, true])
      const { words: again } = (await back.get()) as { words: Float64Array }
      expect([again.length, again.every((word, n) => word === n / 3)]).toEqual([words.length, true])
    }
    there.shutdown()
    await allEndWell([other])
  })

  for (const [kind, letter] of [
    ['one byte', 'x'],
    ['two bytes', 'Ж'],
    ['four bytes', '😀'],
  ] as const) {
    suite.test(`strings of 0 to a million characters, ${kind} each`, async ({ mp }) => {
      const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
      const other = new mp.Process({ target: echo, args: [there, back] }).start()
      for (const size of SIZES) {
        const text = letter.repeat(Math.floor(size / letter.length))
        await there.put(text)
        // Not by `expect`, which would print both.
        expect((await back.get()) === text, `a string of ${text.length}`).toBe(true)
      }
      there.shutdown()
      await allEndWell([other])
    })
  }

  suite.test('a Buffer of 64 MiB', async ({ mp }) => {
    const item = noise(64 * MiB)
    const arrived = await roundTrip<Buffer>(new mp.Queue(), item)
    expect(item.equals(arrived)).toBe(true)
  })

  suite.test('a string of 64 MiB', async ({ mp }) => {
    const item = 'sixteen letters.'.repeat(4 * MiB)
    expect((await roundTrip(new mp.Queue(), item)) === item).toBe(true)
  })

  suite.test('an array of half a million objects', async ({ mp }) => {
    const item = Array.from({ length: 500_000 }, (_, n) => ({ n, half: n / 2, name: `n${n % 100}` }))
    const arrived = await roundTrip<typeof item>(new mp.Queue(), item)
    expect(arrived.length).toBe(item.length)
    expect(arrived.every(({ n, half, name }, at) => n === at && half === at / 2 && name === `n${at % 100}`)).toBe(true)
  })

  suite.test('a large item through another process', async ({ mp }) => {
    const [there, back] = [new mp.Queue<Buffer>(1), new mp.Queue<Buffer>(1)]
    const other = new mp.Process({ target: echo, args: [there, back] as Parameters<typeof echo> }).start()
    const item = noise(24 * MiB)
    await there.put(item)
    expect(item.equals(await back.get())).toBe(true)
    there.shutdown()
    await allEndWell([other])
  })

  suite.test('large and small items, many at once, in order', async ({ mp }) => {
    const queue = new mp.Queue<{ n: number; bytes: Buffer }>()
    const random = randomFrom(2)
    const items = Array.from({ length: 300 }, (_, n) => ({ n, bytes: noise(Math.floor(2 ** (random() * 20))) }))
    for (const item of items) await queue.put(item)
    expect(queue.size).toBe(300)
    for (const { n, bytes } of items) {
      const got = await queue.get()
      expect([got.n, bytes.equals(got.bytes)]).toEqual([n, true])
    }
  })
}

async function roundTrip<T>(queue: Queue<T>, item: T): Promise<T> {
  await queue.put(item)
  return queue.get()
}

/** Bytes of which none is where another could be. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const random = randomFrom(length)
  const some = Math.min(length, 4_096)
  for (let n = 0; n < some; n++) bytes[n] = random() * 256
  for (let n = some; n < length; n += 997) bytes[n] = n ^ (n >>> 8)
  return bytes
}
