import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { createContext, fork } from '@multiproc/backend-fork'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './support/run.js'

test('the whole of a buffer can be read, also the last of a small memory', async () => {
  await using mp = createContext(fork({ capacity: 100 * 2 ** 20 }))
  const kept = [new mp.Array('uint8', 60 * 2 ** 20), new mp.Array('uint8', 10 * 2 ** 20)]
  const array = new mp.Array('float64', [1, 2, 3])
  expect([...structuredClone(new Float64Array(array.buffer as ArrayBuffer, array.byteOffset, array.length))]).toEqual([1, 2, 3])
  expect(kept).toHaveLength(2)
})

const V1 = '/sys/fs/cgroup/memory'
const folder = `${existsSync(`${V1}/cgroup.procs`) ? V1 : '/sys/fs/cgroup'}/multiproc-test-${process.pid}`
const LIMIT = 400 * 2 ** 20

/** Whether this system lets us limit a program's memory, as containers do. */
const mayLimit = (() => {
  try {
    mkdirSync(folder)
    writeFileSync(`${folder}/${folder.startsWith(V1) ? 'memory.limit_in_bytes' : 'memory.max'}`, String(LIMIT))
    return true
  } catch {
    return false
  } finally {
    if (existsSync(folder)) rmdirSync(folder)
  }
})()

describe.skipIf(!mayLimit)('in a control group of 400 MiB', () => {
  beforeAll(() => {
    mkdirSync(folder)
    writeFileSync(`${folder}/${folder.startsWith(V1) ? 'memory.limit_in_bytes' : 'memory.max'}`, String(LIMIT))
  })
  afterAll(() => execFileSync('sh', ['-c', `for n in 1 2 3 4 5; do rmdir ${folder} && exit 0; sleep 0.2; done`]))

  test.for([
    ['one Array', `new mp.Array('uint8', 500 * 2 ** 20)`],
    ['the second of two', `kept.push(new mp.Array('uint8', 200 * 2 ** 20)); new mp.Array('uint8', 250 * 2 ** 20)`],
    ['many', `for (let n = 0; n < 60; n++) kept.push(new mp.Array('uint8', 10 * 2 ** 20))`],
    ['items of a queue', `for (let n = 0; n < 60; n++) q.putSync(Buffer.alloc(8 * 2 ** 20, 1))`],
  ])('%s: what would be too much is an error at the call, and the program lives on', ([, fill]) => {
    const program = `
      import * as mp from '@multiproc/backend-fork'
      const [q, kept] = [new mp.Queue(), []]
      let error
      try {
        ${fill}
      } catch (thrown) {
        error = thrown
      }
      console.log(error instanceof Error, /memory/.test(error?.message))
      kept.length = 0
      new mp.Array('uint8', 2 ** 20)`
    const before = ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$0" "$@"`]
    expect(run(program, { before })).toEqual({ stdout: 'true true\n', stderr: '', end: 0 })
  })
})
