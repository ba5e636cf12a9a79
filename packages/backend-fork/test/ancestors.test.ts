import { expect, test } from 'vitest'
import { run } from './support/run.js'

/** The kernel ends one generation after the other, which can take long: it frees all memory of the one first. Here it never comes to the grandchild. */
test('a grandchild that waits for what the program held when it was killed says nothing, and does not wait for the end of its parent', () => {
  const program = `
    import { spawn } from 'node:child_process'
    import { constants, openSync, readdirSync, readlinkSync } from 'node:fs'
    import * as mp from '@multiproc/backend-fork'
    const lock = new mp.Lock()
    lock.acquireSync()
    const up = new mp.Queue()
    const child = async (backend, lock, up) => {
      const { getContext } = await import('@multiproc/core')
      const mp = await getContext(backend)
      const grandchild = (lock, up) => (up.putSync('waiting'), lock.acquireSync())
      await new mp.Process({ target: grandchild, args: [lock, up] }).start().join()
    }
    const { pid } = new mp.Process({ target: child, args: [mp.backend.name, lock, up] }).start()
    await up.get()
    const pipes = readdirSync('/proc/' + pid + '/fd').filter((fd) => fd > 2 && readlinkSync('/proc/' + pid + '/fd/' + fd).startsWith('pipe:'))
    const kept = pipes.map((fd) => openSync('/proc/' + pid + '/fd/' + fd, constants.O_WRONLY | constants.O_NONBLOCK))
    spawn('sleep', ['10'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', ...kept] }).once('spawn', () => process.kill(process.pid, 'SIGKILL'))
    await new mp.Queue().get()`
  expect(run(program)).toEqual({ stdout: '', stderr: '', end: 'SIGKILL' })
})
