import { expect, test } from 'vitest'
import { run } from './support/run.js'

test.for([
  ['process.exit in it', 'process.exit()'],
  ['an uncaught error in it', 'throw new Error("of the thread")'],
])('a thread with a pool that ends by %s leaves no zombie', ([, end]) => {
  const thread = `
    const mp = require('@multiproc/backend-fork')
    const pool = new mp.Pool(2)
    pool.map((n) => n, [1, 2, 3, 4]).then(() => setImmediate(() => { ${end} }))`
  const program = `

    import { execFileSync } from 'node:child_process'
    import { Worker } from 'node:worker_threads'
    for (let n = 0; n < 3; n++) {
      const worker = new Worker(${JSON.stringify(thread)}, { eval: true })
      worker.on('error', () => {})
      await new Promise((resolve) => worker.once('exit', resolve))
    }
    console.log(execFileSync('ps', ['-o', 'stat=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split('\\n').filter((stat) => stat.startsWith('Z')).length)`
  expect(run(program)).toMatchObject({ stdout: '0\n', end: 0 })
})
