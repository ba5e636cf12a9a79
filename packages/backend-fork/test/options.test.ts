import { spawnSync } from 'node:child_process'
import { createContext, type ForkOptions, fork, TooLargeError } from '@multiproc/backend-fork'
import { expect, test } from 'vitest'

test.for([
  [null, TypeError, /options of fork.*null/],
  [5, TypeError, /options of fork.*5/],
  ['inherit', TypeError, /options of fork.*'inherit'/],
  [[], TypeError, /options of fork.*\[\]/],
  [{ cwd: 5 }, TypeError, /cwd.*string.*5/],
  [{ cwd: null }, TypeError, /cwd.*null/],
  [{ cwd: '' }, RangeError, /cwd.*''/],
  [{ stdio: 'bogus' }, RangeError, /stdio.*'inherit', 'pipe', 'ignore'.*'bogus'/],
  [{ stdio: ['pipe'] }, TypeError, /stdio.*'pipe'/],
  [{ stdio: null }, TypeError, /stdio.*null/],
  [{ execArgv: '--expose-gc' }, TypeError, /execArgv.*array.*'--expose-gc'/],
  [{ execArgv: ['--expose-gc', 5] }, TypeError, /execArgv.*string.*5/],
  [{ capacity: null }, TypeError, /capacity.*null/],
  [{ capacity: 1 }, RangeError, /capacity.*64 MiB.*1/],
] as const)('fork(%j) is refused at once', ([options, kind, message]) => {
  const made = () => fork(options as unknown as ForkOptions)
  expect(made).toThrow(kind)
  expect(made).toThrow(message)
})

test.for([
  ['/nonexistent', 'ENOENT'],
  [process.execPath, 'ENOTDIR'],
] as const)('a process in %s: the error says what is wrong with that directory', async ([cwd, code]) => {
  const mp = createContext(fork({ cwd }))
  try {
    expect(() => new mp.Process({ target: () => {} }).start()).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(`cwd, ${cwd},.*${code}`) }),
    )
    expect(mp.activeChildren()).toEqual([])
    expect(mp.usage().agents).toBe(1)
  } finally {
    await mp.close()
  }
})

test('an environment that no process can have is too large', async () => {
  const mp = createContext(fork())
  try {
    const one = new mp.Process({ target: () => {}, env: { LARGE: 'x'.repeat(200_000) } })
    expect(() => one.start()).toThrow(TooLargeError)
    expect(() => one.start()).toThrow(/environment/)
    expect(mp.usage().agents).toBe(1)
    // The next one is started as if nothing had been.
    expect(await new mp.Process({ target: () => {} }).start().join()).toBe(0)
  } finally {
    await mp.close()
  }
})

test.for([
  ['--input-type=module', '-e'],
  ['--input-type', 'module', '-e'],
  ['--inspect-port', '0', '--input-type', 'module', '--eval'],
])("what is about the program's own script is nothing for its processes: node %s %s %s", (flags) => {
  const program = `
    import { Process } from '@multiproc/backend-fork'
    process.exitCode = 5 + await new Process({ target: () => process.exit(2) }).start().join()`
  const { status, stderr } = spawnSync(process.execPath, [...flags, program], { cwd: import.meta.dirname, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 7, stderr: '' })
})
