import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ProgramEnd } from '../../run-program.js'
import type { Suite, Tools } from '../../suite.js'
import { isRunning, runningWith } from '../../support/os-processes.js'

/** ms that a descendant may live on, by contract. */
const OUTLIVED_BY = 1_000

/** What becomes of a whole family of processes when a signal ends the program, or reaches all of them at once. */
export function programs(suite: Suite): void {
  suite.test(
    'SIGKILL of the program: within a second nobody lives and nothing is left, whatever they were doing',
    async (tools) => {
      const end = await endOfFamily(tools, ({ pid }) => process.kill(pid, 'SIGKILL'))
      expect(end).toMatchObject({ code: null, signal: 'SIGKILL', stderr: '' })
    },
  )

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    suite.test(`${signal} to the program alone ends all of them`, async (tools) => {
      const end = await endOfFamily(tools, ({ pid }) => process.kill(pid, signal))
      expect(end).toMatchObject({ code: null, signal, stderr: '' })
    })

    suite.test(`${signal} to the whole group ends all of them, without a word`, async (tools) => {
      const end = await endOfFamily(tools, ({ pid }) => process.kill(-pid, signal))
      expect(end).toMatchObject({ code: null, signal, stderr: '' })
    })

    suite.test(
      `${signal} to the whole group, which the program handles: it ends as it wants to, once`,
      async ({ startProgram }) => {
        for (const work of ['idle', 'busy', 'blocked']) {
          const program = startProgram('interrupted', { args: [signal, work], group: true })
          expect(await program.line()).toBe('ready')
          process.kill(-program.pid, signal)
          const { code, stdout, stderr } = await program.end
          expect({ work, code, stderr, stdout }).toEqual({ work, code: 0, stderr: '', stdout: 'ready\ncleaning up\nclean\n' })
        }
      },
    )
  }

  suite.test('a thread that starts processes and is terminated at once takes them with it', async ({ program, within }) => {
    const mark = String(performance.now())
    const { code, stdout, stderr } = await program('thread-of-children', { env: { CONFORMANCE_MARK: mark } })
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout) as number[], 'rounds after which somebody lived on').toEqual([])
    expect(await goneWithin(within(OUTLIVED_BY), () => runningWith('CONFORMANCE_MARK', mark))).toEqual([])
  })
}

interface Family {
  readonly pid: number
}

/** Ends a family of busy processes; nothing of it may be left afterwards. */
async function endOfFamily({ startProgram, within }: Tools, end: (program: Family) => void): Promise<ProgramEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'multiproc-killing-'))
  const before = await namedMemory()
  try {
    const program = startProgram('family', { env: { TMPDIR: folder, CONFORMANCE_MARK: folder }, group: true })
    const pids = JSON.parse(await program.line()) as number[]
    expect(pids.length).toBeGreaterThan(12)
    expect(
      pids.filter((pid) => !isRunning(pid)),
      'members that have ended before',
    ).toEqual([])
    end(program)
    const living = () => [...new Set([program.pid, ...pids, ...runningWith('CONFORMANCE_MARK', folder)])].filter(isRunning)
    expect(await goneWithin(within(OUTLIVED_BY), living), 'members that live on').toEqual([])
    expect(await readdir(folder), 'files').toEqual([])
    expect(
      (await namedMemory()).filter((name) => !before.includes(name)),
      'named memory',
    ).toEqual([])
    return await program.end
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Looks until there is nothing any more, or the time is up; what there is then. */
async function goneWithin(limit: number, look: () => number[]): Promise<number[]> {
  const deadline = performance.now() + limit
  for (;;) {
    const found = look()
    if (found.length === 0 || performance.now() > deadline) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Where Linux keeps shared memory that has a name. */
async function namedMemory(): Promise<string[]> {
  try {
    return await readdir('/dev/shm')
  } catch {
    return []
  }
}
