import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { run } from './support/run.js'

const NOBODY = 65534
const drop = `process.setgid(${NOBODY}); process.setuid(${NOBODY})`

/** As servers do once they have their port: from then on the kernel lets the process's siblings no longer look into it. */
describe.skipIf(process.geteuid?.() !== 0)('a program that gives up its rights', () => {
  test.for([
    ['before it starts a pool', `${drop}; const pool = new mp.Pool(2)`],
    ['between the start of a pool and its first call', `const pool = new mp.Pool(2); ${drop}`],
    ['between two calls of a pool', `const pool = new mp.Pool(2); await pool.map((n) => n, [1]); ${drop}`],
  ])('%s: all calls end', ([, start]) => {
    const program = `
      import * as mp from '@multiproc/backend-fork'
      ${start}
      console.log(await pool.map((n) => n * n, [1, 2, 3]), pool.mapSync((n) => n + 1, [1, 2, 3]))
      await pool.terminate()`
    expect(run(program)).toEqual({ stdout: '[ 1, 4, 9 ] [ 2, 3, 4 ]\n', stderr: '', end: 0 })
  })

  test('processes whose users differ wake each other', () => {
    const program = `
      import * as mp from '@multiproc/backend-fork'
      const [asked, answers] = [new mp.Queue(), new mp.Queue()]
      const target = async (asked, answers, id) => {
        if (id) (process.setgid(id), process.setuid(id))
        await answers.put('up')
        for await (const n of asked) await answers.put(n * 2)
      }
      const children = [0, ${NOBODY}].map((id) => new mp.Process({ target, args: [asked, answers, id] }).start())
      for (const _ of children) await answers.get()
      let sum = 0
      for (let n = 0; n < 20; n++) {
        await new Promise((resolve) => setTimeout(resolve, 2))
        await asked.put(n)
        sum += await answers.get()
      }
      asked.shutdown()
      console.log(sum, await children[0].join(), await children[1].join())`
    expect(run(program)).toEqual({ stdout: '380 0 0\n', stderr: '', end: 0 })
  })

  test.for([
    ['children that give theirs up', drop, ''],
    ['children that keep theirs', '', drop],
  ])('%s outlive a killed parent by no second', async ([, inChild, inParent]) => {
    const program = `
      import * as mp from '@multiproc/backend-fork'
      const up = new mp.Queue()
      for (let n = 0; n < 2; n++) new mp.Process({ target: (up) => { ${inChild}; up.putSync(process.pid); for (;;); }, args: [up] }).start()
      const pids = [await up.get(), await up.get()]
      ${inParent}
      process.stdout.write(pids.join(' '), () => process.kill(process.pid, 'SIGKILL'))`
    const { stdout, end } = run(program)
    expect(end).toBe('SIGKILL')
    const pids = stdout.split(' ')
    expect(pids).toHaveLength(2)
    const deadline = performance.now() + 1000
    while (pids.some(isRunning) && performance.now() < deadline) await delay(5)
    expect(pids.filter(isRunning)).toEqual([])
  })
})

function isRunning(pid: string): boolean {
  return readdirSync('/proc').includes(pid) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}
