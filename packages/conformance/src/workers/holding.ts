import { getContext, type Lock, type MultiprocError, type Queue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** Acquires, says so, waits for an item, releases. */
export const holdUntil = task(import.meta, async function holdUntil(lock: Lock, held: Queue, go: Queue) {
  const guard = lock.acquireSync()
  await held.put('held')
  await go.get()
  guard.release()
})

/** How a holder can end of itself. */
export type Death = 'an ordinary return' | 'process.exit(0)' | 'process.exit(3)' | 'an uncaught error'

/** Acquires, says so, waits for an item, and ends without releasing. */
export const die = task(import.meta, async function die(lock: Lock, said: Queue, go: Queue, death: Death) {
  lock.acquireSync()
  await said.put('held')
  await go.get()
  if (death === 'process.exit(0)') process.exit(0)
  if (death === 'process.exit(3)') process.exit(3)
  if (death === 'an uncaught error') throw new Error('of the holder, on purpose')
})

/** Acquires, prints, says so, and ends without releasing. */
export const holdAndPrint = task(import.meta, function holdAndPrint(lock: Lock, held: Queue) {
  lock.acquireSync()
  process.stdout.write('')
  console.error('')
  held.putSync('held')
})

/** Holds the lock and counts for ever, deaf to everything. */
export const beatHolding = task(import.meta, function beatHolding(lock: Lock, beats: Value) {
  lock.acquireSync()
  for (;;) beats.value = (beats.value + 1) | 0
})

/** Says that it waits, waits, and says what came of it. */
export const acquireAndTell = task(
  import.meta,
  async function acquireAndTell(lock: Lock, answers: Queue<[code: string, message: string]>, form: Form) {
    answers.putSync(['waiting', ''])
    try {
      const guard = form === 'sync' ? lock.acquireSync() : await lock.acquire()
      answers.putSync(['acquired', `ownerDied: ${guard.ownerDied}`])
      guard.release()
    } catch (error) {
      answers.putSync([(error as MultiprocError).code, (error as Error).message])
    }
  },
)

/** Says that it is there, and waits for the lock. */
export const waitFor = task(import.meta, async function waitFor(lock: Lock, said: Queue, form: Form) {
  said.putSync('waiting')
  if (form === 'sync') lock.acquireSync()
  else await lock.acquire()
})

/** Starts a process that holds the lock, and tells its name. */
export const dieByProxy = task(import.meta, async function dieByProxy(backend: string, lock: Lock, names: Queue<string>) {
  const mp = await getContext(backend)
  const said = new mp.Queue()
  const holder = new mp.Process({ target: die, args: [lock, said, new mp.Queue(), 'an ordinary return'], name: 'grandchild' })
  holder.start()
  await said.get()
  await names.put(holder.name)
  await holder.join()
})

/** Acquires, says so, and releases once a program that nothing keeps alive would long have ended. */
export const releaseLate = task(import.meta, function releaseLate(lock: Lock, held: Queue) {
  lock.acquireSync()
  held.putSync('held')
  setTimeout(() => lock.release(), 200)
})
