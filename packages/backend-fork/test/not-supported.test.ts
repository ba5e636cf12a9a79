import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** What the flag is called depends on Node's version. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'

interface Place {
  /** Run before the package is imported. */
  readonly before: string
  readonly says: RegExp
  /** Of Node's. */
  readonly flags?: readonly string[]
}

/** Where it cannot work it must say so when it is used, and not before: an application may import it and choose another backend. */
const places: Readonly<Record<string, Place>> = {
  'another operating system': {
    before: `Object.defineProperty(process, 'platform', { value: 'sunos' })`,
    says: /Linux.*sunos/,
  },
  'another processor': {
    before: `Object.defineProperty(process, 'arch', { value: 'mips' })`,
    says: /x64 and arm64.*mips/,
  },
  Electron: {
    before: `Object.defineProperty(process.versions, 'electron', { value: '40.0.0' })`,
    says: /Electron/,
  },
  'no koffi': {
    before: `
      import Module from 'node:module'
      const load = Module._load
      Module._load = (request, ...rest) => {
        if (request === 'koffi') throw new Error('Cannot find module koffi')
        return load(request, ...rest)
      }`,
    says: /koffi.*Cannot find module koffi/,
  },
  'no /proc': {
    before: `
      import fs from 'node:fs'
      const { existsSync } = fs
      fs.existsSync = (path) => !String(path).startsWith('/proc') && existsSync(path)`,
    says: /no \/proc/,
  },
  "Node's permission model": {
    flags: [permission, '--allow-fs-read=*'],
    before: '',
    says: /permission model.*--allow-fs-write=\* --allow-child-process/,
  },
}

const uses = [
  'new mp.Lock()',
  'new mp.Pool(1)',
  'new mp.Process({ target: () => {} }).start()',
  `new mp.Value('int32')`,
  'new mp.SharedMemory({ create: true, size: 8 })',
  `new mp.SharedMemory({ name: 'nobody' })`,
]

test.for(Object.entries(places))('%s: the import works, every use is a NotSupportedError', ([, { before, says, flags = [] }]) => {
  const program = `
    ${before}
    const mp = await import('@multiproc/backend-fork')
    const errors = []
    for (const use of [${uses.map((use) => `() => ${use}`).join(', ')}]) {
      try {
        use()
        errors.push({ code: 'nothing thrown by ' + use })
      } catch ({ name, code, message }) {
        errors.push({ name, code, message })
      }
    }
    console.log(JSON.stringify({ capabilities: mp.backend.capabilities.isolation, errors }))`
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  const said = stderr.replace(/^.*ExperimentalWarning: Permission.*\n.*\n/, '')
  expect({ said, status }).toEqual({ said: '', status: 0 })
  const { capabilities, errors } = JSON.parse(stdout)
  expect(capabilities).toBe('process')
  expect(errors).toHaveLength(uses.length)
  for (const error of errors) {
    expect(error).toMatchObject({ name: 'NotSupportedError', code: 'MP_NOT_SUPPORTED' })
    expect(error.message).toMatch(says)
    expect(error.message).toContain('Use @multiproc/backend-threads')
  }
})
