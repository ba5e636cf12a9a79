import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Runs a program over `fork({ stdio: 'pipe' })`, whose own output is a pipe of the shell's. */
function run(program: string) {
  const script = `
    import { createContext, fork } from '@multiproc/backend-fork'
    const mp = createContext(fork({ stdio: 'pipe' }))
    ${program}`
  const { stdout, stderr, signal } = spawnSync(
    'sh',
    ['-c', '"$@" | cat', 'sh', process.execPath, '--input-type=module', '-e', script],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      timeout: 30_000,
    },
  )
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' })
  return stdout.split('\n')
}

/** A thousand bytes each: more in all than any pipe holds. */
const LINES = 2000
const line = (n: number) => String(n).padEnd(999, 'x')
const lines = Array.from({ length: LINES }, (_, n) => line(n))
const printing = `for (let n = 0; n < ${LINES}; n++) console.log(String(n).padEnd(999, 'x'))`

test('a daemon that has printed does not keep the program from ending, and what it has printed is there', () => {
  const printed = run(`
    const q = new mp.Queue()
    const target = (q) => { console.log('daemon'); q.putSync(1); setInterval(() => {}, 1000) }
    new mp.Process({ target, args: [q], daemon: true }).start()
    await q.get()
    console.log('main')`)
  expect(printed.sort()).toEqual(['', 'daemon', 'main'])
})

test('nor does an open pool that has nothing to do', () => {
  const printed = run(`
    const pool = new mp.Pool(2)
    await pool.map((n) => { console.log(n) }, [1, 2])
    console.log('main')`)
  expect(printed.sort()).toEqual(['', '1', '2', 'main'])
})

test('joinSync of a process that prints much: all is there, in order, also with process.exit() at once', () => {
  const printed = run(`
    const p = new mp.Process({ target: () => { ${printing} } }).start()
    const code = p.joinSync()
    process.exit(code)`)
  expect(printed).toEqual([...lines, ''])
})

test('mapSync of tasks that print much', () => {
  const printed = run(`
    const pool = new mp.Pool(1)
    const results = pool.mapSync((n) => { console.log(String(n).padEnd(999, 'x')); return n }, Array.from({ length: ${LINES} }, (_, n) => n))
    process.stdout.write(results.length + '\\n')
    await pool.terminate()`)
  expect(printed.filter((one) => one !== String(LINES))).toEqual([...lines, ''])
})

test('a sync wait for a lock, whose holder prints much', () => {
  const printed = run(`
    const lock = new mp.Lock()
    const q = new mp.Queue()
    const target = (lock, q) => lock.runExclusiveSync(() => { q.putSync(1); ${printing} })
    const p = new mp.Process({ target, args: [lock, q] }).start()
    q.getSync()
    lock.acquireSync().release()
    await p.join()
    console.log('joined')`)
  expect(printed).toEqual([...lines, 'joined', ''])
})

test('what a process has printed is there when join() tells of its end', () => {
  const printed = run(`
    const p = new mp.Process({ target: () => { ${printing} } }).start()
    await p.join()
    console.log('joined')`)
  expect(printed).toEqual([...lines, 'joined', ''])
})

test('many children: one listener for all, and no warning', () => {
  const printed = run(`
    const all = Array.from({ length: 12 }, () => new mp.Process({ target: () => { ${printing} } }).start())
    for (const one of all) await one.join()
    process.stdout.write(process.stdout.listenerCount('drain') + ' ' + process.listenerCount('exit') + '\\n')`)
  expect(printed).toHaveLength(12 * LINES + 2)
})

test('children of a worker thread', () => {
  const printed = run(`
    const { Worker } = await import('node:worker_threads')
    const source = \`
      import { createContext, fork } from '@multiproc/backend-fork'
      const mp = createContext(fork({ stdio: 'pipe' }))
      for (let n = 0; n < 3; n++) await new mp.Process({ target: () => console.log('child') }).start().join()
      await mp.close()\`
    const worker = new Worker(source, { eval: true })
    await new Promise((resolve) => worker.once('exit', resolve))`)
  expect(printed).toEqual(['child', 'child', 'child', ''])
})

test('output that is replaced is called while the program is at nothing else', () => {
  const printed = run(`
    const write = process.stdout.write
    let text = '', blocked = false, early = 0
    process.stdout.write = (bytes) => { text += bytes; if (blocked) early++; return true }
    const p = new mp.Process({ target: () => { ${printing} } }).start()
    blocked = true
    p.joinSync()
    blocked = false
    await null
    process.stdout.write = write
    console.log(early, text.length)`)
  expect(printed).toEqual([`0 ${LINES * 1000}`, ''])
})
