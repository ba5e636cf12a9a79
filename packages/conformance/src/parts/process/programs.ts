import { expect } from 'vitest'
import type { Suite } from '../../suite.js'

/** What shows only from outside of a whole program: its output, its exit code, and that it ends. */
export function programs(suite: Suite): void {
  suite.test('what children print arrives whole and in order, also before process.exit', async ({ program }) => {
    const lines = 100_000
    const { code, stdout, stderr } = await program('output', { args: [String(lines)] })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const printed = stdout.split('\n')
    expect(printed.pop(), 'a line that is cut off').toBe('')
    for (const name of ['one', 'two']) {
      const own = printed.filter((line) => line.startsWith(name))
      expect(own.length).toBe(lines)
      const wrong = own.findIndex((line, n) => line !== `${name} ${n}`)
      expect(own[wrong], `line ${wrong} of ${name}`).toBeUndefined()
    }
    expect(printed.filter((line) => !/^(one|two) /.test(line))).toEqual(['main done'])
  })

  suite.test('what children write to stderr arrives whole and in order', async ({ program }) => {
    const { code, stdout, stderr } = await program('output', { args: ['5000', 'stderr'] })
    expect([code, stdout]).toEqual([0, 'main done\n'])
    for (const name of ['one', 'two']) {
      const own = stderr.split('\n').filter((line) => line.startsWith(name))
      expect(own).toEqual(Array.from({ length: 5000 }, (_, n) => `${name} ${n}`))
    }
  })

  for (const piped of [true, false]) {
    for (const order of ['before', 'after'] as const) {
      const title = `into a full ${piped ? 'pipe' : 'socket'}, the program's first line ${order} that of its child`
      suite.test(`${title}: the program's event loop turns, and nothing is lost`, async ({ program }) => {
        const letters = 3_000_000
        const readOnce = 'event loop turns\n'
        const { code, stdout, stderr } = await program('unread', { args: [order, String(letters)], piped, readOnce })
        expect([code, stderr]).toEqual([0, readOnce])
        const count = (letter: string) => stdout.split(letter).length - 1
        expect([count('P'), count('C'), count('main'), count('child')]).toEqual([letters, letters, 1, 1])
      })
    }
  }

  suite.test('what finished tasks of a pool printed is there, however the program ends', async ({ program }) => {
    const lines = Array.from({ length: 40 }, (_, n) => `task ${n}`).sort()
    for (const how of ['end', 'terminate', 'exit', 'sync']) {
      const { code, stdout, stderr } = await program('printing-pool', { args: [how] })
      expect([code, stderr], how).toEqual([0, ''])
      expect(stdout.trimEnd().split('\n').sort(), how).toEqual(['main done', ...lines])
    }
  })

  suite.test(
    'joinSync of a process that prints',
    async ({ program }) => {
      const { code, stdout, stderr } = await program('joined-printing')
      expect([code, stderr]).toEqual([0, ''])
      const names = ['child', 'grandchild']
      const lines = names.flatMap((name) => Array.from({ length: 2_000 }, (_, n) => `${name} ${n}`))
      expect(stdout.trimEnd().split('\n').sort()).toEqual(['exit code 0', ...lines].sort())
    },
    { sync: true },
  )

  suite.test('an uncaught error in a child is on stderr with its stack, once, and no end of the parent', async ({ program }) => {
    const { code, stdout, stderr } = await program('uncaught')
    expect([code, stdout]).toEqual([0, 'exit code 1, error ConformanceError: of its own\n'])
    expect(stderr.split('of its own').length, stderr).toBe(2)
    expect(stderr).toMatch(/at throwOwnClass .*ending\.js/)
    expect(stderr).toContain('the cause')
  })

  suite.test('at the end of the program daemons are terminated and others awaited', async ({ program }) => {
    const ended = await program('daemons')
    expect({ ...ended, stdout: ended.stdout.trimEnd().split('\n').sort() }).toEqual({
      code: 0,
      signal: null,
      stdout: ['child done', 'main done'],
      stderr: '',
    })
  })

  for (const [how, expected] of [
    ['exit', 5],
    ['throw', 1],
    ['reject', 1],
  ] as const) {
    suite.test(`at the program's ${how} all children are terminated, whatever they do`, async ({ program }) => {
      const { code, signal, stdout, stderr } = await program('abrupt', { args: [how] })
      expect([code, signal, stdout]).toEqual([expected, null, 'children run\n'])
      if (how !== 'exit') expect(stderr).toContain('end of the main script')
      else expect(stderr).toBe('')
    })
  }

  suite.test('a main script that starts processes without a guard gets a clear error, and no fork bomb', async ({ program }) => {
    const { code, stdout, stderr } = await program('unguarded')
    expect([code, stdout]).toEqual([0, 'exit code 1, error MP_STATE\n'])
    expect(stderr).toContain('isMainProcess')
    expect(stderr.split('StateError').length, stderr).toBe(2)
  })

  suite.test('a program works in a worker thread of its own', async ({ program }) => {
    const { code, stdout, stderr } = await program('in-worker')
    expect([code, stdout, stderr]).toEqual([0, 'isMainProcess true, parent null\nsum 10\n', ''])
  })

  suite.test('contexts left open, with everything they made, do not keep the program from ending', async ({ program }) => {
    expect(await program('left-open')).toEqual({ code: 0, signal: null, stdout: 'done\n', stderr: '' })
  })
}
