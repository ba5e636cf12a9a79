/** A task takes more memory than its worker may have; to be run with a small heap. */
import { isMainProcess, type MultiprocError } from '@multiproc/core'
import { square } from '../workers/pool-tasks.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const pool = new mp.Pool(1)
  const [before] = pool.workers.map(({ pid }) => pid)
  const greedy = pool.apply(() => {
    const kept: unknown[] = []
    for (;;) kept.push(new Array(10_000).fill(kept.length))
  })
  const behind = pool.apply(square, [5])
  const error = (await greedy.catch((reason) => reason)) as MultiprocError
  const after = await pool.apply(square, [6])
  const replaced = !pool.workers.some(({ pid }) => pid === before)
  console.log(JSON.stringify({ error: error.name, code: error.code, replaced, behind: await behind, after }))
  await pool.terminate()
}
