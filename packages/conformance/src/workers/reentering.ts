import { type MultiprocError, type Queue, task, type Value } from '@multiproc/core'
import { meet } from './counting.js'

/** Whether the value's lock is free for this agent; or, where it is to `release` it, the error's code. */
export const tryOnce = task(import.meta, function tryOnce(value: Value, answers: Queue<boolean | string>, release = false) {
  if (!release) {
    const guard = value.lock?.tryAcquire()
    guard?.release()
    answers.putSync(guard !== undefined)
    return
  }
  try {
    value.lock?.release()
    answers.putSync(true)
  } catch (error) {
    answers.putSync((error as MultiprocError).code)
  }
})

/** Adds 2 `times` times, each addition in a section of its own inside another. */
export const addNested = task(import.meta, async function addNested(value: Value, arrived: Value, agents: number, times: number) {
  meet(arrived, agents)
  const add = () => value.value++
  for (let n = 0; n < times; n++) {
    const twice = () => {
      value.runExclusiveSync(add)
      value.runExclusiveSync(add)
    }
    // Async sections are slower by far.
    if (n % 10 > 0) value.runExclusiveSync(twice)
    else await value.runExclusive(twice)
  }
})
