import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { namedMemory } from '../src/named-memory.js'
import { type System, system } from '../src/system.js'

const NAME = `mp-unit-${process.pid}`
const PATH = `/dev/shm/${NAME}`

/** The system's calls, some of them replaced. */
const systemWith = (calls: Partial<System>) => namedMemory(() => ({ ...system(), ...calls }))

afterEach(() => {
  if (existsSync(PATH)) namedMemory(system).unlink(NAME)
})

test('where there is no room for all of it, it is not made, and the name is free', () => {
  expect(() => systemWith({ reserve: () => false }).create(NAME, 100)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
  expect(existsSync(PATH)).toBe(false)
  expect(() => systemWith({ map: () => undefined }).create(NAME, 100)).toThrow(expect.objectContaining({ code: 'ENOMEM' }))
  expect(existsSync(PATH)).toBe(false)
})

test('all of it is reserved before it is mapped', () => {
  const reserved: number[] = []
  const { reserve } = system()
  const memory = systemWith({ reserve: (fd, from, bytes) => reserved.push(from, bytes) > 0 && reserve(fd, from, bytes) })
  expect(memory.create(NAME, 10_000).byteLength).toBe(10_000)
  expect(reserved).toEqual([0, 10_000])
})

test('what is there without bytes, or with more than a view can have, is not mapped', () => {
  const never = systemWith({
    map: () => {
      throw new Error('mapped')
    },
  })
  writeFileSync(PATH, '')
  expect(never.open(NAME).byteLength).toBe(0)
  expect(() => never.open(`${NAME}-missing`)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})

test('it is unmapped once its buffer is collected, and not before', async () => {
  const { unmap } = system()
  const unmapped: number[] = []
  const memory = systemWith({ unmap: (address, bytes) => unmapped.push(bytes) > 0 && unmap(address, bytes) })
  const held: { bytes?: Uint8Array } = { bytes: new Uint8Array(memory.create(NAME, 5_000)) }
  const collect = () => {
    ;(globalThis as { gc?: () => void }).gc?.()
    return new Promise(setImmediate)
  }
  await collect()
  held.bytes?.fill(1)
  expect(unmapped).toEqual([])
  delete held.bytes
  await vi.waitUntil(() => collect().then(() => unmapped.length > 0))
  expect(unmapped).toEqual([5_000])
})
