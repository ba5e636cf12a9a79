import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Context } from '@multiproc/core'

/** What a backend package exports: the members of its context. */
export type BackendPackage = Omit<Context, 'close' | typeof Symbol.asyncDispose>

/** The backend that the program was told to use (`run-program.ts`; children inherit it), imported as a user's program would; or, where dependencies are kept apart, from the working directory. */
export async function importBackend(): Promise<BackendPackage> {
  const specifier = process.env.CONFORMANCE_BACKEND as string
  try {
    return await import(specifier)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    return await import(pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(specifier)).href)
  }
}
