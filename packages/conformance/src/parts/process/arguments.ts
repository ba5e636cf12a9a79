import { NotCloneableError, TargetError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { tellEnv, tellEnvOfChild } from '../../workers/telling.js'

/** What a Process is made with. */
export function arguments_(suite: Suite): void {
  suite.test('the target gets its args, and none by default', async ({ mp }) => {
    const told = new mp.Queue<unknown>()
    const target = (queue: typeof told, ...rest: unknown[]) => queue.put([rest.length, ...rest])
    await new mp.Process({ target, args: [told, 1, { a: [2n] }, undefined] }).start().join()
    expect(told.tryGet()).toEqual([3, 1, { a: [2n] }, undefined])
    const bare = new mp.Process({ target: (...args: unknown[]) => process.exit(args.length) }).start()
    expect(await bare.join()).toBe(0)
  })

  suite.test('no target, or one that can be none, is refused at the call', ({ mp }) => {
    for (const options of [
      undefined,
      null,
      {},
      5,
      'x',
      { target: undefined },
      { target: null },
      { target: 'work' },
      { target: {} },
    ]) {
      expect(
        thrownAtOnce(() => new mp.Process(options as never)),
        JSON.stringify(options),
      ).toBeInstanceOf(TypeError)
    }
    for (const target of [function* () {}, async function* () {}, class {}, (() => {}).bind(null), Math.max]) {
      expect(
        thrownAtOnce(() => new mp.Process({ target: target as never })),
        String(target),
      ).toMatchObject({
        constructor: TargetError,
        code: 'MP_TARGET',
      })
    }
  })

  suite.test('bad options are a TypeError at the call that says what is wanted', ({ mp }) => {
    for (const [option, values] of Object.entries({
      args: [null, 5, 'ab', {}, new Set()],
      name: [null, 5, {}],
      daemon: [null, 1, 'yes'],
      env: [null, 5, 'A=1', { A: 1 }, { A: null }],
    })) {
      for (const value of values) {
        const error = thrownAtOnce(() => new mp.Process({ target: () => {}, [option]: value as never }))
        expect(error, `${option}: ${JSON.stringify(value)}`).toBeInstanceOf(TypeError)
        expect((error as Error).message).toContain(option)
      }
    }
  })

  suite.test('an argument that cannot travel is refused by start(), by its path, and nothing is started', async ({ mp }) => {
    const target = (_: unknown) => {}
    const one = new mp.Process({ target, args: [{ deep: [1, { onClick() {} }] }] })
    const error = thrownAtOnce(() => one.start())
    expect(error).toMatchObject({ constructor: NotCloneableError, code: 'MP_NOT_CLONEABLE', path: 'args[0].deep[1].onClick' })
    expect((error as Error).message).toContain('args[0].deep[1].onClick')
    expect([one.isAlive(), one.pid, mp.usage().agents, mp.activeChildren()]).toEqual([false, null, 1, []])
  })

  suite.test('env is laid over the environment; undefined removes', async ({ mp }) => {
    process.env.MP_KEPT = 'kept'
    process.env.MP_REMOVED = 'there'
    try {
      const told = new mp.Queue<Record<string, string | undefined>>()
      const env = { MP_ADDED: 'added', MP_REMOVED: undefined }
      const names = ['MP_KEPT', 'MP_ADDED', 'MP_REMOVED', 'PATH']
      const there = { MP_KEPT: 'kept', MP_ADDED: 'added', PATH: process.env.PATH }
      expect(await new mp.Process({ target: tellEnv, args: [told, names], env }).start().join()).toBe(0)
      expect(told.tryGet()).toEqual(there)
      const nested = new mp.Process({ target: tellEnvOfChild, args: [mp.backend.name, told, names], env })
      expect(await nested.start().join()).toBe(0)
      expect(told.tryGet(), 'of a grandchild').toEqual({ ...there, MP_OF_CHILD: 'set by the child' })
      expect([process.env.MP_ADDED, process.env.MP_REMOVED, process.env.MP_OF_CHILD]).toEqual([undefined, 'there', undefined])
    } finally {
      delete process.env.MP_KEPT
      delete process.env.MP_REMOVED
    }
  })
}
