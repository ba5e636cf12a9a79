import { expect } from 'vitest'
import type { Suite } from '../../suite.js'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /

/** The environment variable that prints all of it. */
export function debug(suite: Suite): void {
  suite.test('prints every event of every agent to stderr, a line each', async ({ program }) => {
    const { code, stdout, stderr } = await program('debugged', { env: { MULTIPROC_DEBUG: '1' } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines.filter((line) => !TIME.test(line))).toEqual([])
    // Two agents print at the same time, each for itself in order.
    const of = (agent: string) =>
      lines
        .map((line) => line.replace(TIME, ''))
        .filter((line) => line.startsWith(agent))
        .map((line) => line.replace(/\d+\.\d+ ms/, 'N ms').replace(/(MainProcess|lines|PoolWorker-\d) \d+/g, '$1 N'))
    expect(of('MainProcess')).toEqual([
      'MainProcess N process:start two lines N process',
      'MainProcess N process:exit two lines N process exit code 5',
      'MainProcess N owner:died two lines held a Lock recovered',
      'MainProcess N process:start PoolWorker-1 N worker',
      'MainProcess N process:exit PoolWorker-1 N worker exit code 3',
      'MainProcess N process:start PoolWorker-2 N worker',
      'MainProcess N worker:replaced PoolWorker-1 N exit code 3 by PoolWorker-2 N',
      'MainProcess N process:exit PoolWorker-2 N worker exit code -9',
    ])
    expect(of('PoolWorker-1')).toEqual([
      'PoolWorker-1 N task:start #1 double',
      'PoolWorker-1 N task:end #1 double N ms',
      'PoolWorker-1 N task:start #2 failWith',
      'PoolWorker-1 N task:end #2 failWith N ms TypeError: on purpose',
      'PoolWorker-1 N task:start #3 (anonymous)',
    ])
    expect(of('PoolWorker-2')).toEqual(['PoolWorker-2 N task:start #1 double', 'PoolWorker-2 N task:end #1 double N ms'])
  })

  suite.test('absent, empty or 0 it prints nothing', async ({ program }) => {
    for (const value of ['', '0']) {
      expect(await program('debugged', { env: { MULTIPROC_DEBUG: value } })).toMatchObject({ code: 0, stderr: '' })
    }
  })
}
