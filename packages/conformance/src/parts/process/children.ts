import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { stderrDuring } from '../../support/stderr.js'
import { stayIn, waitFor } from '../../workers/ending.js'
import { startAndWait, stayWithChild } from '../../workers/nesting.js'
import { type Kin, squareByPool, tellKinBelow, tellWhatStartGives } from '../../workers/telling.js'

/** Processes of processes. */
export function children(suite: Suite): void {
  suite.test('activeChildren are those that run, in the order of their starts', async ({ mp }) => {
    const [first, second] = [new mp.Queue(), new mp.Queue()]
    const one = new mp.Process({ target: waitFor, args: [first] })
    const two = new mp.Process({ target: waitFor, args: [second], daemon: true }).start()
    expect(mp.activeChildren()).toEqual([two])
    one.start()
    expect(mp.activeChildren()).toEqual([two, one])
    await second.put('end')
    await two.join()
    expect(mp.activeChildren()).toEqual([one])
    await first.put('end')
    await one.join()
    expect(mp.activeChildren()).toEqual([])
  })

  suite.test('processes start processes, three deep, and share what the first one made', async ({ mp }) => {
    const told = new mp.Queue<Kin>()
    const one = new mp.Process({ target: tellKinBelow, args: [mp.backend.name, told, 3], name: 'top' }).start()
    expect(await one.join()).toBe(3)
    const chain = Array.from({ length: told.size }, () => told.tryGet() as Kin)
    expect(chain.map((kin) => kin.self.name)).toEqual(['top', 'Process-1', 'Process-1', 'Process-1'])
    expect(chain.map((kin) => kin.isMainProcess)).toEqual([false, false, false, false])
    chain.forEach((kin, depth) => {
      const above = depth === 0 ? { name: 'MainProcess', pid: process.pid } : chain[depth - 1]?.self
      expect(kin.parent).toMatchObject({ name: above?.name, pid: above?.pid, alive: true })
    })
    expect(new Set(chain.map((kin) => kin.self.pid)).size).toBe(4)
  })

  suite.test('what a grandchild makes travels up', async ({ mp }) => {
    const up = new mp.Queue<{ value: { value: number }; lock: { locked: boolean } }>()
    const one = new mp.Process({ target: startAndWait, args: [mp.backend.name, up, 2] }).start()
    const { value, lock } = await up.get()
    expect(await one.join()).toBe(0)
    expect([value.value, lock.locked]).toEqual([42, false])
    value.value++
    expect(value.value).toBe(43)
  })

  suite.test('a process may have a pool', async ({ mp }) => {
    const told = new mp.Queue<number[]>()
    expect(await new mp.Process({ target: squareByPool, args: [mp.backend.name, told, [1, 2, 3]] }).start().join()).toBe(0)
    expect(told.tryGet()).toEqual([1, 4, 9])
  })

  suite.test('a daemon may start neither processes nor pools', async ({ mp }) => {
    const told = new mp.Queue<string[]>()
    const daemon = new mp.Process({ target: tellWhatStartGives, args: [mp.backend.name, told], daemon: true }).start()
    expect(await daemon.join()).toBe(0)
    expect(told.tryGet()).toEqual(['MP_STATE', 'MP_STATE'])
  })

  suite.test('a joined daemon ends as others do', async ({ mp }) => {
    const one = new mp.Process({ target: () => process.exit(3), daemon: true }).start()
    expect([one.daemon, await one.join()]).toEqual([true, 3])
  })

  for (const occupation of ['a sync wait', 'an endless loop'] as const) {
    suite.test(`those below a terminated process end with it, also in ${occupation}`, async ({ mp, until }) => {
      const arrived = new mp.Queue()
      const args: Parameters<typeof stayWithChild> = [mp.backend.name, occupation, arrived, new mp.Queue()]
      const one = new mp.Process({ target: stayWithChild, args }).start()
      await arrived.get()
      expect(mp.usage().agents).toBe(3)
      one.terminate()
      expect(await one.join()).toBe(-15)
      await until(() => mp.usage().agents === 1, 'the end of the grandchild')
    })
  }

  suite.test('a child that fails is no failure of its parent', async ({ mp }) => {
    await stderrDuring(async () => {
      const failing = new mp.Process({ target: () => Promise.reject(new Error('on purpose')) }).start()
      const other = new mp.Process({ target: stayIn, args: ['an async wait', new mp.Queue(), new mp.Queue()] }).start()
      expect(await failing.join()).toBe(1)
      expect(other.isAlive()).toBe(true)
      other.terminate()
      expect(await other.join()).toBe(-15)
    })
  })
}
