import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ownContexts } from './context.js'
import type { Context } from './contracts/context.js'
import { NotSupportedError } from './errors.js'
import { shown } from './options.js'
import { dynamicImport } from './shared-code.js'

const PREFIX = '@multiproc/backend-'
const OWN = "'threads', 'fork', 'piscina' and 'piscina/tinypool'"

/**
 * The context of a backend package, by the backend's name: `getContext('threads')` loads `@multiproc/backend-threads`, and
 * `getContext('piscina/tinypool')` the `tinypool` of that package.
 * @throws TypeError for what is no name; NotSupportedError where the package is not installed
 */
export async function getContext(name: string): Promise<Context> {
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/.test(name)) {
    throw new TypeError(`getContext() takes the name of a backend, such as 'threads'; got ${shown(name)}`)
  }
  const known = ownContexts().get(name)
  if (known) return known
  const specifier = PREFIX + name
  await load(specifier)
  const context = ownContexts().get(name)
  if (!context)
    throw new NotSupportedError(
      `${specifier} was loaded and made no context named '${name}': is it a backend of this version of multiproc?`,
    )
  return context
}

/** From where this package lies, and, where dependencies are kept apart (pnpm), from the program's own folder. */
async function load(specifier: string): Promise<void> {
  const [scope, name] = specifier.split('/')
  const packageName = `${scope}/${name}`
  try {
    await dynamicImport(specifier)
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      throw new NotSupportedError(`${packageName} has no backend of the name '${specifier.slice(PREFIX.length)}'`, {
        cause: error,
      })
    }
    if (!isMissing(error, packageName)) throw error
    let path: string
    try {
      path = createRequire(join(process.cwd(), 'package.json')).resolve(specifier)
    } catch {
      throw new NotSupportedError(
        `the backend ${packageName} is not installed: npm install ${packageName} (multiproc's own backends are ${OWN})`,
        { cause: error },
      )
    }
    await dynamicImport(pathToFileURL(path).href)
  }
}

function isMissing(error: unknown, packageName: string): boolean {
  return (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' && String((error as Error).message).includes(packageName)
}
