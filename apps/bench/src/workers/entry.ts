import { fileURLToPath } from 'node:url'

/**
 * Path of a worker's entry file in this folder. The entries are CommonJS, which starts in less time than a module, for everybody.
 * @param name without extension
 */
export function entry(name: string): string {
  return fileURLToPath(new URL(`./${name}.cjs`, import.meta.url))
}
