import { createRequire } from 'node:module'
import * as imported from '@multiproc/backend-fork'
import * as core from '@multiproc/core'
import { expect, test } from 'vitest'

const required = createRequire(import.meta.url)('@multiproc/backend-fork') as typeof imported

test('import and require give the same objects', () => {
  expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort())
  for (const [name, value] of Object.entries(imported)) expect(Reflect.get(required, name), name).toBe(value)
})

test.for(['task', 'registerError', 'getContext', 'createContext', 'isMainProcess'])("%s is core's own", (name) => {
  expect(Reflect.get(imported, name)).toBeDefined()
  expect(Reflect.get(imported, name)).toBe(Reflect.get(core, name))
})

test("every error class is core's own, under core's name", () => {
  const classes = Object.entries(core).filter(([name]) => name.endsWith('Error') && name !== 'registerError')
  expect(classes.length).toBeGreaterThan(0)
  for (const [name, errorClass] of classes) expect(Reflect.get(imported, name), name).toBe(errorClass)
})
