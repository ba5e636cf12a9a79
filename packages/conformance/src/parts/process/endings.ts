import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { leaveGet, leaveTimers, type Occupation, stayIn, waitFor } from '../../workers/ending.js'

const OCCUPATIONS: readonly Occupation[] = [
  'an async wait',
  'a sync wait',
  'Atomics.wait',
  'an endless loop',
  'a timer',
  'an endless microtask loop',
]

/** When a process ends, and with which exit code. */
export function endings(suite: Suite): void {
  suite.test('an ordinary end is exit code 0, whatever the target returns', async ({ mp }) => {
    const targets = [() => {}, () => 5, async () => 'x', () => Promise.resolve(null), () => ({ thing: () => {} })]
    const ends = targets.map((target) => new mp.Process({ target }).start().join())
    expect(await Promise.all(ends)).toEqual(targets.map(() => 0))
  })

  suite.test('process.exit(N) and process.exitCode = N are exit code N', async ({ mp }) => {
    const atOnce = (code: number) => process.exit(code)
    const later = async (code: number) => {
      await new Promise(setImmediate)
      process.exit(code)
    }
    const byProperty = (code: number) => {
      process.exitCode = code
    }
    const byBoth = (code: number) => {
      process.exitCode = code
      setTimeout(() => process.exit(), 1)
    }
    const inListener = (code: number) => {
      process.on('exit', () => {
        process.exitCode = code
      })
    }
    const usual = [atOnce, later, byProperty, byBoth]
    for (const code of [0, 1, 3, 255, 256, 300, -1]) {
      // Of what is said so late, a process's system keeps 8 bits.
      const targets = code === (code & 0xff) ? [...usual, inListener] : usual
      const ends = targets.map((target) => new mp.Process({ target, args: [code] }).start())
      expect(await Promise.all(ends.map((one) => one.join()))).toEqual(ends.map(() => code))
      expect(ends.map((one) => one.error)).toEqual(ends.map(() => undefined))
    }
  })

  suite.test('process.exit ends it at once, with timers and waits pending', async ({ mp }) => {
    const target = (never: InstanceType<typeof mp.Queue>) => {
      setInterval(() => {}, 1_000_000)
      void never.get()
      process.exit(6)
    }
    expect(await new mp.Process({ target, args: [new mp.Queue()] }).start().join()).toBe(6)
  })

  for (const occupation of OCCUPATIONS) {
    suite.test(`terminate() is -15 and kill() is -9, also in ${occupation}`, async ({ mp }) => {
      const arrived = new mp.Queue()
      const busy = () => new mp.Process({ target: stayIn, args: [occupation, arrived, new mp.Queue()] }).start()
      const [first, second] = [busy(), busy()]
      await arrived.get()
      await arrived.get()
      first.terminate()
      second.kill()
      expect(await Promise.all([first.join(), second.join()])).toEqual([-15, -9])
      expect([first.exitCode, second.exitCode, first.error, second.error]).toEqual([-15, -9, undefined, undefined])
      expect([first.isAlive(), second.isAlive()]).toEqual([false, false])
    })
  }

  suite.test('terminate right after the start', async ({ mp }) => {
    for (let turns = 0; turns < 8; turns++) {
      const one = new mp.Process({ target: waitFor, args: [new mp.Queue()] }).start()
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
      one.terminate()
      expect(await one.join()).toBe(-15)
    }
  })

  suite.test('terminate and kill after the end change nothing', async ({ mp }) => {
    const one = new mp.Process({ target: () => process.exit(2) }).start()
    await one.join()
    one.terminate()
    one.kill()
    expect([await one.join(), one.exitCode]).toEqual([2, 2])
  })

  suite.test('what a process did before it was terminated is done', async ({ mp, until }) => {
    const count = new mp.Value('int32', 0)
    const target = (count: { add(n: number): number }) => {
      for (;;) count.add(1)
    }
    const one = new mp.Process({ target, args: [count] }).start()
    await until(() => count.value > 1_000, 'the count')
    one.terminate()
    await one.join()
    const final = count.value
    for (let n = 0; n < 1_000_000 && count.value === final; n++);
    expect(count.value, 'it goes on').toBe(final)
  })

  suite.test('pending timers keep a process alive until they are done', async ({ mp }) => {
    const done = new mp.Value('int32', 0)
    expect(await new mp.Process({ target: leaveTimers, args: [done] }).start().join()).toBe(0)
    expect(done.value).toBe(3)
  })

  suite.test('a pending wait keeps a process alive until it is over', async ({ mp }) => {
    const [arrived, items] = [new mp.Queue(), new mp.Queue<number>()]
    const sum = new mp.Value('int32', 0)
    const one = new mp.Process({ target: leaveGet, args: [arrived, items, sum] }).start()
    await arrived.get()
    await items.put(5)
    expect(await one.join()).toBe(0)
    expect(sum.value).toBe(5)
  })

  suite.test(
    'a signal N from elsewhere is exit code -N',
    async ({ mp }) => {
      for (const [signal, code] of [
        ['SIGKILL', -9],
        ['SIGTERM', -15],
        ['SIGUSR2', -12],
      ] as const) {
        const one = new mp.Process({ target: waitFor, args: [new mp.Queue()] }).start()
        process.kill(one.pid as number, signal)
        expect(await one.join()).toBe(code)
      }
    },
    { signals: true },
  )
}
