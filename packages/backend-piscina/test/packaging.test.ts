import { createRequire } from 'node:module'
import * as imported from '@multiproc/backend-piscina'
import * as onTinypool from '@multiproc/backend-piscina/tinypool'
import * as core from '@multiproc/core'
import { expect, test } from 'vitest'

const require = createRequire(import.meta.url)

for (const [specifier, names] of [
  ['@multiproc/backend-piscina', imported],
  ['@multiproc/backend-piscina/tinypool', onTinypool],
] as const) {
  test(`import and require of ${specifier} give the same objects`, () => {
    const required = require(specifier) as typeof imported
    expect(Object.keys(required).sort()).toEqual(Object.keys(names).sort())
    for (const [name, value] of Object.entries(names)) expect(Reflect.get(required, name), name).toBe(value)
  })

  test(`the names of core in ${specifier} are core's own`, () => {
    const errors = Object.keys(core).filter((name) => name.endsWith('Error'))
    expect(errors.length).toBeGreaterThan(10)
    for (const name of ['task', 'getContext', 'createContext', 'isMainProcess', ...errors]) {
      expect(Reflect.get(names, name), name).toBe(Reflect.get(core, name))
    }
  })
}

test('both entries have the same names', async () => {
  expect(Object.keys(onTinypool).sort()).toEqual(Object.keys(imported).sort())
})

test('each is found by the name of its backend', async () => {
  expect((await core.getContext('piscina')).backend).toBe(imported.backend)
  expect((await core.getContext('piscina/tinypool')).backend).toBe(onTinypool.backend)
  for (const [wrong, message] of [
    ['piscina/other', "@multiproc/backend-piscina has no backend of the name 'piscina/other'"],
    ['tinypool', "multiproc's own backends are 'threads', 'fork', 'piscina' and 'piscina/tinypool'"],
  ] as const) {
    await expect(core.getContext(wrong)).rejects.toThrow(message)
    await expect(core.getContext(wrong)).rejects.toBeInstanceOf(core.NotSupportedError)
  }
  expect([imported.backend.name, onTinypool.backend.name]).toEqual(['piscina', 'piscina/tinypool'])
})
