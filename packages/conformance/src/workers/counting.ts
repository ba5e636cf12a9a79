import { type SharedArray, task, type Value } from '@multiproc/core'

/** Says that this agent has come, and returns when all have: nobody has a head start, so that they overlap. */
export function meet(arrived: Value, parties: number): void {
  arrived.add(1)
  while (arrived.value < parties);
}

/** Adds without exclusion. */
export const addPlainly = task(import.meta, function addPlainly(value: Value, arrived: Value, times: number) {
  meet(arrived, 2)
  for (let n = 0; n < times; n++) value.value++
})

export const addLocked = task(import.meta, function addLocked(value: Value, arrived: Value, times: number) {
  meet(arrived, 2)
  for (let n = 0; n < times; n++) value.runExclusiveSync(() => value.value++)
})

export const addInTurn = task(import.meta, function addInTurn(value: Value, arrived: Value, times: number) {
  meet(arrived, 2)
  for (let n = 0; n < times; n++) value.add(1)
})

/** The same on an element: `index` of an array that is otherwise left alone. */
export const addToElement = task(
  import.meta,
  function addToElement(array: Elements, arrived: Value, times: number, index: number) {
    meet(arrived, 2)
    for (let n = 0; n < times; n++) array[index] = (array[index] as number) + 1
  },
)

export const addToElementLocked = task(
  import.meta,
  function addToElementLocked(array: Elements, arrived: Value, times: number, index: number) {
    meet(arrived, 2)
    for (let n = 0; n < times; n++) array.runExclusiveSync(() => (array[index] = (array[index] as number) + 1))
  },
)

type Elements = SharedArray<'int32'>
