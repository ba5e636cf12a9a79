import { isMainProcess } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { waitFor } from '../../workers/ending.js'
import { type Kin, tellKin } from '../../workers/telling.js'

/** Names, pids, and who one is. */
export function identity(suite: Suite): void {
  suite.test('the main process knows itself, and has no parent', ({ mp }) => {
    expect(mp.currentProcess()).toMatchObject({ name: 'MainProcess', pid: process.pid, daemon: false })
    expect([mp.currentProcess().isAlive(), mp.parentProcess(), mp.isMainProcess, isMainProcess]).toEqual([true, null, true, true])
  })

  suite.test('names count up per agent, or are given', ({ mp }) => {
    const target = () => {}
    const names = [{}, {}, { name: 'own' }, {}].map((options) => new mp.Process({ target, ...options }).name)
    expect(names.slice(0, 2)).toEqual(['Process-1', 'Process-2'])
    expect(names[2]).toBe('own')
    expect(names[3]).toMatch(/^Process-[34]$/)
  })

  suite.test('a process knows itself and its parent', async ({ mp }) => {
    const told = new mp.Queue<Kin>()
    // 60 bytes of a name are known to others; it may be longer.
    for (const name of ['Process-1', 'näme with ünïcode ☃', 'n'.repeat(300)]) {
      for (const daemon of [false, true]) {
        const one = new mp.Process({ target: tellKin, args: [mp.backend.name, told], name, daemon }).start()
        const kin = await told.get()
        expect(kin).toEqual({
          isMainProcess: false,
          self: { name, pid: one.pid, daemon, alive: true },
          parent: { name: 'MainProcess', pid: process.pid, daemon: false, alive: true },
          children: [],
        })
        expect(await one.join()).toBe(0)
      }
    }
  })

  suite.test('pids are unique among those that live', async ({ mp }) => {
    const go = new mp.Queue()
    const some = Array.from({ length: 6 }, () => new mp.Process({ target: waitFor, args: [go] }).start())
    const pids = some.map((one) => one.pid)
    expect(new Set([...pids, process.pid]).size).toBe(7)
    for (const pid of pids) expect(Number.isInteger(pid) && (pid as number) > 0).toBe(true)
    for (const _ of some) await go.put('end')
    expect(await Promise.all(some.map((one) => one.join()))).toEqual(some.map(() => 0))
  })

  suite.test('cpuCount is how many can run at the same time', ({ mp }) => {
    expect(Number.isInteger(mp.cpuCount()) && mp.cpuCount() >= 1).toBe(true)
  })
}
