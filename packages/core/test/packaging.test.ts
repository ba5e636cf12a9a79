import { createRequire } from 'node:module'
import * as imported from '@multiproc/core'
import { expect, test } from 'vitest'

const required = createRequire(import.meta.url)('@multiproc/core') as typeof imported

test('import and require give the same objects', () => {
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
  for (const [name, value] of Object.entries(imported)) expect(Reflect.get(required, name), name).toBe(value)
})

test('the bundler has renamed no exported function or class', () => {
  const names = Object.keys(imported)
  const functions = Object.values(imported).filter((value) => typeof value === 'function')
  expect(functions.length).toBeGreaterThan(0)
  for (const { name } of functions) expect(names).toContain(name)
})
