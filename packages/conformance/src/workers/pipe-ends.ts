import { ClosedError, type Connection, getContext, type Queue, type SharedArray, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'
import { type Sealed, sealed } from './queue-victims.js'

/** How a process makes itself one of an end's users. */
export type Use = 'send' | 'recv' | 'poll'

/** Sends back what comes, until nothing more will. */
export const echoBack = task(import.meta, async function echoBack(connection: Connection, form: Form) {
  if (form === 'async') {
    for await (const message of connection) await connection.send(message)
    return
  }
  try {
    for (;;) connection.sendSync(connection.recvSync())
  } catch (error) {
    if (!(error instanceof ClosedError)) throw error
  }
})

/** Sends what it is given. Of several forms, each in turn. */
export const sendAll = task(
  import.meta,
  async function sendAll(connection: Connection<unknown>, messages: readonly unknown[], forms: readonly Form[]) {
    for (const [n, message] of messages.entries()) {
      if (forms[n % forms.length] === 'sync') connection.sendSync(message)
      else await connection.send(message)
    }
  },
)

/** Waits for one message; reports it, or the code of the error it got instead. */
export const recvOne = task(
  import.meta,
  async function recvOne(connection: Connection<unknown>, asked: Value, report: Queue<unknown>, form: Form) {
    asked.add(1)
    let outcome: unknown
    try {
      outcome = form === 'sync' ? connection.recvSync() : await connection.recv()
    } catch (error) {
      outcome = (error as { code?: unknown }).code ?? String(error)
    }
    await report.put(outcome)
  },
)

/** Waits until there is something to receive; reports what `poll` says, or the code of the error it got instead. */
export const pollOne = task(
  import.meta,
  async function pollOne(connection: Connection<unknown>, asked: Value, report: Queue<unknown>, form: Form) {
    asked.add(1)
    let outcome: unknown
    try {
      outcome = form === 'sync' ? connection.pollSync({}) : await connection.poll({})
    } catch (error) {
      outcome = (error as { code?: unknown }).code ?? String(error)
    }
    await report.put(outcome)
  },
)

async function use(connection: Connection<unknown>, how: Use): Promise<void> {
  if (how === 'send') await connection.send('a sign of life')
  else if (how === 'poll') await connection.poll()
  else await connection.recv({ timeout: 0 }).catch(() => {})
}

/** Becomes a user of the end, says so, and ends as it is told. */
export const useAndEnd = task(
  import.meta,
  async function useAndEnd(connection: Connection<unknown>, how: Use, used: Value, go: Queue<'return' | 'exit' | 'throw'>) {
    await use(connection, how)
    used.add(1)
    const end = await go.get()
    if (end === 'exit') process.exit(0)
    if (end === 'throw') throw new Error('as the test wants it')
  },
)

/** As `useAndEnd`, `depth` processes down. What is in between never touches the end. */
export const useFarBelow = task(
  import.meta,
  async function useFarBelow(
    backend: string,
    depth: number,
    connection: Connection<unknown>,
    used: Value,
    go: Queue<'return' | 'exit' | 'throw'>,
  ) {
    const mp = await getContext(backend)
    const args = [backend, depth - 1, connection, used, go] as const
    const below =
      depth > 1
        ? new mp.Process({ target: useFarBelow, args: [...args] })
        : new mp.Process({ target: useAndEnd, args: [connection, 'recv', used, go] })
    await below.start().join()
    // It goes on when the one below has ended, so that its own end is not what is noticed.
    await go.get()
  },
)

/** Only holds it. */
export const holdOnly = task(import.meta, function holdOnly(connection: Connection) {
  if (typeof connection.send !== 'function') throw new TypeError('it is no connection')
})

/** Sends 0, 1, … until told to stop, counting what is sent. */
export const sendUntil = task(
  import.meta,
  async function sendUntil(connection: Connection<Sealed>, done: Value, stop: Value, form: Form) {
    for (let n = 0; stop.value === 0; n++) {
      if (form === 'sync') connection.sendSync(sealed(0, n))
      else await connection.send(sealed(0, n))
      done.value = n + 1
    }
  },
)

/** Receives for ever, counting. */
export const recvForEver = task(import.meta, async function recvForEver(connection: Connection<unknown>, got: Value, form: Form) {
  for (;;) {
    if (form === 'sync') connection.recvSync()
    else await connection.recv()
    got.add(1)
  }
})

/** Sends the numbers from `from`, as its own. */
export const sendNumbers = task(
  import.meta,
  async function sendNumbers(connection: Connection<[from: number, n: number]>, from: number, count: number, form: Form) {
    for (let n = 0; n < count; n++) {
      if (form === 'sync') connection.sendSync([from, n])
      else await connection.send([from, n])
    }
  },
)

/** Receives until the pipe is closed; marks each message, and counts those that overtook another of the same sender. */
export const markNumbers = task(
  import.meta,
  async function markNumbers(
    connection: Connection<[from: number, n: number]>,
    marks: SharedArray<'uint8'>,
    each: number,
    wrong: Value,
    form: Form,
  ) {
    const last = new Map<number, number>()
    try {
      for (;;) {
        const [from, n] = form === 'sync' ? connection.recvSync() : await connection.recv()
        if (n <= (last.get(from) ?? -1)) wrong.add(1)
        last.set(from, n)
        Atomics.add(marks as unknown as Uint8Array, from * each + n, 1)
      }
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
    }
  },
)

/** Closes the end that it is given. */
export const closeEnd = task(import.meta, function closeEnd(connection: Connection) {
  connection.close()
})

/** Uses both ends of a one-way pipe, first the right way and then the wrong one; reports what came and the codes of the errors. */
export const tryBothWays = task(
  import.meta,
  async function tryBothWays(reader: Connection, writer: Connection, report: Queue<unknown>, failures: Queue<unknown>) {
    await writer.send('hello')
    await report.put(await reader.recv())
    for (const call of [() => reader.send(1), () => writer.recv()]) {
      try {
        await call()
      } catch (error) {
        await failures.put((error as { code?: unknown }).code)
      }
    }
  },
)
