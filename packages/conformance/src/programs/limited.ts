/**
 * Uses up all descriptors and starts a process with none left, with one, with two, … until it is started. Prints what happened. To be run under a low limit of
 * descriptors.
 */
import { closeSync, openSync } from 'node:fs'
import { isMainProcess, type Process, type Queue, task } from '@multiproc/core'
import { openDescriptors } from '../support/os-processes.js'
import { importBackend } from './backend.js'

/** Says that it is there, and waits. */
export const wait = task(import.meta, async function wait(arrived: Queue<number>, never: Queue) {
  await arrived.put(process.pid)
  await never.get()
})

if (isMainProcess) {
  const mp = await importBackend()
  const [arrived, never] = [new mp.Queue<number>(), new mp.Queue()]
  const start = () => new mp.Process({ target: wait, args: [arrived, never] }).start()
  // What is opened on first use.
  const first = start()
  await arrived.get()
  const fillers: number[] = []
  try {
    for (;;) fillers.push(openSync(process.execPath, 'r'))
  } catch {}
  const refusals: { readonly code: unknown; readonly message: string; readonly kept: number }[] = []
  const look = () => openDescriptors() + mp.usage().agents + mp.activeChildren().length
  let second: Process | undefined
  while (!second) {
    // Looking takes a descriptor, too.
    const spare = fillers.splice(-2)
    for (const fd of spare) closeSync(fd)
    const before = look()
    for (const _ of spare) fillers.push(openSync(process.execPath, 'r'))
    let refusal: (Error & { code?: unknown }) | undefined
    try {
      second = start()
    } catch (error) {
      refusal = error as Error
    }
    await new Promise(setImmediate)
    if (refusal) {
      for (const fd of fillers.splice(-2)) closeSync(fd)
      const { code, message } = refusal
      refusals.push({ code, message, kept: look() - before })
      fillers.push(openSync(process.execPath, 'r'))
    }
  }
  const pid = await arrived.get()
  console.log(JSON.stringify({ refusals, retried: pid === second.pid, first: first.isAlive() }))
  for (const one of [first, second]) one.kill()
  await Promise.all([first.join(), second.join()])
}
