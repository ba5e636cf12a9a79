import type { Process } from '@multiproc/core'
import { expect } from 'vitest'

/** Waits for all; each must end with exit code 0. */
export async function allEndWell(processes: readonly Process[]): Promise<void> {
  expect(await Promise.all(processes.map((one) => one.join())), 'exit codes').toEqual(processes.map(() => 0))
}
