import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, expect, test, vi } from 'vitest'
import type { TaskEndMessage, TaskStartMessage } from '../src/contracts/log.js'
import { logged } from '../src/log/tasks.js'
import { TestFamily } from './support/test-family.js'

const agent = new TestFamily().first
const double = (n: unknown) => (n as number) * 2
const heard: unknown[] = []
const listen = (message: unknown) => void heard.push(message)

afterEach(() => {
  unsubscribe('multiproc:task:start', listen)
  unsubscribe('multiproc:task:end', listen)
  heard.length = 0
})

test('while nobody subscribes a task is the function itself', () => {
  expect(logged(agent, double)).toBe(double)
  subscribe('multiproc:task:end', listen)
  expect(logged(agent, double)).not.toBe(double)
  unsubscribe('multiproc:task:end', listen)
  expect(logged(agent, double)).toBe(double)
})

test('one who subscribes only to ends hears of ends', () => {
  subscribe('multiproc:task:end', listen)
  expect(logged(agent, double)(4)).toBe(8)
  expect(heard).toMatchObject([{ target: 'double', failed: false, agent: { name: 'first', pid: 1 } }])
})

test('an asynchronous task ends when its promise settles, and what it rejects with goes on', async () => {
  subscribe('multiproc:task:start', listen)
  subscribe('multiproc:task:end', listen)
  const { promise, reject } = withReject()
  const result = logged(agent, () => promise)() as Promise<unknown>
  expect(heard.length).toBe(1)
  const error = new Error('late')
  reject(error)
  await expect(result).rejects.toBe(error)
  const [start, end] = heard as [TaskStartMessage, TaskEndMessage]
  expect(end).toMatchObject({ id: start.id, target: '(anonymous)', failed: true, error })
})

test('what a task throws goes on', () => {
  subscribe('multiproc:task:end', listen)
  const fail = vi.fn(() => {
    throw null
  })
  expect(logged(agent, fail)).toThrow()
  expect(heard).toMatchObject([{ failed: true, error: null }])
  expect(fail).toHaveBeenCalledTimes(1)
})

function withReject(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  return { promise, reject }
}
