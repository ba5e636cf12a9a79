import { expect, test } from 'vitest'
import { run } from './support/run.js'

/** With few descriptors to be had, and a function that says how many are left. */
function runWithFew(program: string, through: readonly string[] = []) {
  const script = `
    import { closeSync, openSync } from 'node:fs'
    import { createContext, fork, Lock, Process } from '@multiproc/backend-fork'
    const filled = []
    const fill = () => {
      const before = filled.length
      try { for (;;) filled.push(openSync('/dev/null')) } catch { return filled.length - before }
    }
    const free = (count) => { for (let n = 0; n < count; n++) closeSync(filled.pop()) }
    ${program}`
  return run(script, { before: ['bash', '-c', `ulimit -n 100; "$@" 2>&1 ${through.join(' ')}`, 'bash'] })
}

test('a first use for which there are too few descriptors leaves none open, and a retry works when there are', () => {
  const program = `
    const seen = new Set()
    const mp = createContext(fork())
    new Lock()
    fill()
    for (let few = 0; few < 12; few++) {
      free(few)
      try { new mp.Lock(); fill(); break } catch (error) { seen.add(error.code); if (fill() !== few) console.log('of', few, 'some are gone') }
    }
    free(30)
    new mp.Lock()
    console.log([...seen])`
  expect(runWithFew(program)).toMatchObject({ stdout: "[ 'MP_RESOURCE' ]\n", end: 0 })
})

test('nor does a process for which there are too few, where stdout and stderr are pipes', () => {
  const program = `
    const said = []
    await new Process({ target: () => {} }).start().join()
    fill()
    for (let few = 0; few < 24; few++) {
      free(few)
      try { new Process({ target: () => {} }).start(); break } catch (error) { if (error.code !== 'MP_RESOURCE') said.push(error.code) }
      const left = fill()
      if (left !== few) said.push('of ' + few + ' ' + left + ' are left')
    }
    free(40)
    console.log([...said, await new Process({ target: () => {} }).start().join()].join())`
  expect(runWithFew(program, ['| cat'])).toMatchObject({ stdout: '0\n', end: 0 })
})
