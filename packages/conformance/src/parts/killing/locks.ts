import { OwnerDiedError, type Process } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite, Tools } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { inTime } from '../../support/hang.js'
import { randomMoment } from '../../support/moments.js'
import { killHard } from '../../support/os-processes.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { thrown } from '../../support/thrown.js'
import { acquireAndTell, beatHolding } from '../../workers/holding.js'
import { Inside, takeTurns } from '../../workers/killed.js'

/** ms within which others learn of a holder's death, by contract. */
const LEARNT_WITHIN = 200
const KILLS = 8

/** SIGKILL, which leaves no time for any last word, of those who hold a lock or wait for one. */
export function locks(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const onOwnerDeath of ['throw', 'recover'] as const) {
    for (const form of forms) {
      suite.test(`at random moments of taking turns (${form}, ${onOwnerDeath}): the others go on in time`, async (tools) => {
        const { mp } = tools
        const lock = new mp.Lock({ onOwnerDeath })
        const notes = new mp.Array('int32', 2)
        const stop = new mp.Value('int32', 0)
        const start = (me: number, dwell: number, way: Form) => {
          const turns = new mp.Value('int32', 0)
          const process = new mp.Process({ target: takeTurns, args: [lock, notes, me, turns, stop, dwell, way] }).start()
          return { turns, process }
        }
        const survivors = forms.map((way, n) => start(1 + n, 20, way))
        await tools.until(() => survivors.every(({ turns }) => turns.value > 5), 'the first turns')
        const random = randomFrom(3)
        for (let n = 0; n < KILLS; n++) {
          // Some are inside nearly all the time, others nearly always on their way in or out.
          const victim = start(10 + n, n % 3 === 0 ? 1 : 500, form)
          await tools.until(() => victim.turns.value > 0, 'the first turn of the victim')
          await randomMoment(random, 10)
          await kill(tools, victim.process)
          const ended = performance.now()
          const seen = survivors.map(({ turns }) => turns.value)
          const gone = (count: number) =>
            survivors.filter(({ turns }, at) => turns.value > (seen[at] as number) + 1).length >= count
          await tools.until(() => gone(1), 'turns of another')
          expect(performance.now() - ended).toBeLessThan(tools.within(LEARNT_WITHIN))
          await tools.until(() => gone(survivors.length), 'turns of the others')
        }
        stop.value = 1
        await allEndWell(survivors.map(({ process }) => process))
        expect(notes[Inside.intruders], 'two inside at once').toBe(0)
      })
    }
  }

  suite.test('a holder in an endless loop: those who wait and those who come learn its name in time', async (tools) => {
    const { mp } = tools
    for (let round = 0; round < 4; round++) {
      const lock = new mp.Lock()
      const beats = new mp.Value('int32', 0, { lock: false })
      const holder = new mp.Process({ target: beatHolding, args: [lock, beats], name: `holder ${round}` }).start()
      await tools.until(() => beats.value > 0, 'the holder beating')
      const answers = new mp.Queue<[code: string, message: string]>()
      const waiters = forms.map((form) => new mp.Process({ target: acquireAndTell, args: [lock, answers, form] }).start())
      for (const _ of waiters) expect((await answers.get())[0]).toBe('waiting')
      const here = thrown(() => lock.acquire())
      await kill(tools, holder)
      const ended = performance.now()
      for (const _ of waiters) {
        const [code, message] = await answers.get()
        expect([code, message.includes(holder.name)]).toEqual(['MP_OWNER_DIED', true])
      }
      expect(await here).toBeInstanceOf(OwnerDiedError)
      expect(performance.now() - ended).toBeLessThan(tools.within(LEARNT_WITHIN))
      expect(await thrown(() => lock.acquire())).toBeInstanceOf(OwnerDiedError)
      const guard = await lock.recover()
      expect(guard.ownerDied).toBe(true)
      guard.release()
      await allEndWell(waiters)
    }
  })

  for (const form of forms) {
    suite.test(`a crowd that dies waiting (${form}) takes no turn with it`, async (tools) => {
      const { mp } = tools
      const lock = new mp.Lock()
      const answers = new mp.Queue<[code: string, message: string]>()
      const random = randomFrom(5)
      for (let round = 0; round < 4; round++) {
        const guard = lock.acquireSync()
        const crowd = Array.from({ length: 4 }, () =>
          new mp.Process({ target: acquireAndTell, args: [lock, answers, form] }).start(),
        )
        for (const _ of crowd) expect((await answers.get())[0]).toBe('waiting')
        const [spared, ...victims] = crowd as [Process, ...Process[]]
        const killed: Promise<number>[] = []
        for (const victim of victims) {
          await randomMoment(random, 5)
          if (killed.length === 1) guard.release()
          killHard(victim.pid as number)
          killed.push(inTime(victim.join(), tools.within(10_000), 'the end of the killed'))
        }
        // Who had its turn before the signal came has ended well.
        for (const code of await Promise.all(killed)) expect([-9, 0]).toContain(code)
        expect(await inTime(spared.join(), tools.within(10_000), 'the turn of the spared one')).toBe(0)
        const told = []
        for (let answer = answers.tryGet(); answer; answer = answers.tryGet()) told.push(answer[0])
        expect(told.length).toBeGreaterThan(0)
        lock.recoverSync({ timeout: tools.within(10_000) }).release()
      }
    })
  }
}

/** Kills it by the system's own means, so that nobody but the system knows of it. */
async function kill({ within }: Tools, victim: Process): Promise<void> {
  process.kill(victim.pid as number, 'SIGKILL')
  expect(await inTime(victim.join(), within(10_000), 'the end of the killed')).toBe(-9)
}
