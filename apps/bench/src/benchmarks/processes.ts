import { type ChildProcess, fork } from 'node:child_process'
import * as processes from '@multiproc/backend-fork'
import * as threads from '@multiproc/backend-threads'
import type { Lock, Queue, Value } from '@multiproc/core'
import { task } from '@multiproc/core'
import type { Benchmark, Contender, Scale } from '../benchmark.js'
import { python } from '../peers/python.js'
import { median } from '../statistics.js'
import { atLeast, atLeastTimes, atMost, atMostTimes } from '../targets.js'
import { nsPerTurn, sampled } from '../timing.js'
import { entry } from '../workers/entry.js'
import { type Item, payloadOf, weight } from './payloads.js'

/** Separate processes: backend-fork beside threads, Python's multiprocessing and Node's own channel between processes. */

const FORK = 'backend-fork'
const THREADS = 'backend-threads'
const PYTHON = "Python's Lock"
const PYTHON_WITH = "Python's Lock, with"
const PYTHON_QUEUE = "Python's Queue"
const IPC = 'process.send, advanced'

type Multiproc = Pick<typeof processes, 'Process' | 'Queue' | 'Lock' | 'Value'>

function pairs(lock: Lock, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    lock.acquireSync()
    taken++
    lock.release()
  }
  return taken
}

const uncontended =
  (mp: Multiproc): Contender =>
  async (scale) => {
    const lock = new mp.Lock()
    return nsPerTurn(
      scale,
      2_000_000,
      (turns) => pairs(lock, turns),
      (turns) => turns,
    )
  }

export const forkLock: Benchmark = {
  name: 'fork-lock',
  title: 'Lock between processes, uncontended',
  measures: 'ns to take a lock that nobody wants and give it back, in a loop of 2,000,000.',
  unit: 'ns',
  better: 'lower',
  ours: FORK,
  contenders: { [FORK]: uncontended(processes), [THREADS]: uncontended(threads), [PYTHON]: python('lock', 1_000_000) },
  targets: [atMostTimes(FORK, 1.3, THREADS)],
}

const CONTENDED_PAIRS = 400_000

export const contendHere = task(
  import.meta,
  function contendHere(lock: Lock, total: Value, orders: Queue<number>, done: Queue<number>) {
    const addAll = (turns: number) => {
      for (let n = 0; n < turns; n++) {
        lock.acquireSync()
        total.value++
        lock.release()
      }
    }
    for (let turns = orders.getSync(); turns > 0; turns = orders.getSync()) {
      addAll(turns)
      done.putSync(turns)
    }
  },
)

const contended =
  (mp: Multiproc): Contender =>
  async (scale) => {
    const turns = Math.round(CONTENDED_PAIRS * scale.work)
    const [lock, total, done] = [new mp.Lock(), new mp.Value('int32', 0, { lock: false }), new mp.Queue<number>()]
    const two = [0, 1].map(() => {
      const orders = new mp.Queue<number>()
      return { orders, process: new mp.Process({ target: contendHere, args: [lock, total, orders, done] }).start() }
    })
    const figures = await sampled(scale, () => {
      total.value = 0
      const start = performance.now()
      for (const { orders } of two) orders.putSync(turns)
      for (const _ of two) done.getSync()
      const ms = performance.now() - start
      if (total.value !== 2 * turns) throw new Error(`${2 * turns} additions gave ${total.value}: the lock let two in at a time`)
      return (ms / (2 * turns)) * 1e6
    })
    for (const { orders } of two) orders.putSync(0)
    for (const { process } of two) await process.join()
    return figures
  }

export const forkContendedLock: Benchmark = {
  name: 'fork-contended-lock',
  title: 'Lock, contended by two processes',
  measures: 'ns per pair, 400,000 by each of two processes at once (wall time ÷ 800,000); ours increment a shared Value as well.',
  unit: 'ns',
  better: 'lower',
  ours: FORK,
  contenders: {
    [FORK]: contended(processes),
    [THREADS]: contended(threads),
    [PYTHON]: python('contended', 200_000),
    [PYTHON_WITH]: python('contended-with', 200_000),
  },
  targets: [atMost(FORK, 150), atMostTimes(FORK, 1 / 2, PYTHON), atMostTimes(FORK, 1 / 5, PYTHON_WITH)],
}

export const putSome = task(
  import.meta,
  function putSome(queue: Queue<Item>, name: string, count: number, orders: Queue<number>) {
    const { make } = payloadOf(name)
    while (orders.getSync() === 1) for (let n = 0; n < count; n++) queue.putSync(make(n))
  },
)

const throughQueue =
  (mp: Multiproc, name: string): Contender =>
  async (scale) => {
    const payload = payloadOf(name)
    const count = Math.round(payload.count * scale.work)
    const [queue, orders] = [new mp.Queue<Item>(), new mp.Queue<number>()]
    const producer = new mp.Process({ target: putSome, args: [queue, name, count, orders] }).start()
    const figures = await sampled(scale, () => {
      const start = performance.now()
      orders.putSync(1)
      let sum = 0
      for (let n = 0; n < count; n++) sum += weight(queue.getSync())
      const ms = performance.now() - start
      check(sum, name, count)
      return rate(name, count, ms)
    })
    orders.putSync(0)
    await producer.join()
    return figures
  }

const throughChannel =
  (name: string, fraction: number): Contender =>
  async (scale) => {
    const payload = payloadOf(name)
    const count = Math.round(payload.count * scale.work * fraction)
    const child = fork(entry('ipc-sink'), [String(count)], { serialization: 'advanced' })
    const figures = await sampled(scale, async () => {
      const answered = nextMessage(child)
      const start = performance.now()
      for (let n = 0; n < count; n++) child.send(payload.make(n))
      const sum = await answered
      const ms = performance.now() - start
      check(sum, name, count)
      return rate(name, count, ms)
    })
    child.disconnect()
    return figures
  }

function nextMessage(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as number)))
}

function rate(name: string, count: number, ms: number): number {
  const { bytes = 0 } = payloadOf(name)
  const perSecond = (count / ms) * 1000
  return bytes >= 65_536 ? (perSecond * bytes) / 2 ** 20 : perSecond
}

function check(sum: number, name: string, count: number): void {
  const { make } = payloadOf(name)
  let expected = 0
  for (let n = 0; n < count; n++) expected += weight(make(n))
  if (sum !== expected) throw new Error(`the items that arrived sum up to ${sum}; those sent to ${expected}`)
}

export const forkQueueInt: Benchmark = {
  name: 'fork-queue-int',
  title: 'Queue between two processes: small integers',
  measures:
    '1,000,000 items, put and got synchronously, from the first put to the last get. (Python and the channel: a tenth of that.)',
  unit: '/s',
  better: 'higher',
  ours: FORK,
  contenders: {
    [FORK]: throughQueue(processes, 'int'),
    [THREADS]: throughQueue(threads, 'int'),
    [PYTHON_QUEUE]: python('queue', 100_000),
    [IPC]: throughChannel('int', 0.1),
  },
  targets: [atLeast(FORK, 2_000_000), atLeastTimes(FORK, 8, PYTHON_QUEUE)],
}

export const forkQueueLarge: Benchmark = {
  name: 'fork-queue-1MiB',
  title: 'Queue between two processes: Uint8Arrays of 1 MiB',
  measures: '400 items, put and got synchronously, from the first put to the last get.',
  unit: 'MiB/s',
  better: 'higher',
  ours: FORK,
  contenders: {
    [FORK]: throughQueue(processes, '1MiB'),
    [THREADS]: throughQueue(threads, '1MiB'),
    [IPC]: throughChannel('1MiB', 0.25),
  },
  targets: [atLeast(FORK, 4e9 / 2 ** 20), atLeastTimes(FORK, 4, IPC)],
}

const ROUND_TRIPS = 5_000

export const echoHere = task(import.meta, function echoHere(pings: Queue<number>, pongs: Queue<number>) {
  for (let ping = pings.getSync(); ping >= 0; ping = pings.getSync()) pongs.putSync(ping)
})

async function roundTrip(scale: Scale, trip: (number: number) => Promise<number> | number): Promise<number[]> {
  const count = Math.round(ROUND_TRIPS * scale.work)
  return sampled(scale, async () => {
    const trips: number[] = []
    for (let n = 0; n < count; n++) {
      const start = performance.now()
      const answer = trip(n)
      if ((typeof answer === 'number' ? answer : await answer) !== n) throw new Error('a wrong answer came back')
      trips.push((performance.now() - start) * 1000)
    }
    return median(trips)
  })
}

export const forkPingPong: Benchmark = {
  name: 'fork-ping-pong',
  title: 'Ping-pong between two processes',
  measures: 'µs from sending a small integer to having it back from another process, the median of 5,000 round trips.',
  unit: 'µs',
  better: 'lower',
  awake: true,
  ours: FORK,
  contenders: {
    [FORK]: async (scale) => {
      const [pings, pongs] = [new processes.Queue<number>(), new processes.Queue<number>()]
      const echoing = new processes.Process({ target: echoHere, args: [pings, pongs] }).start()
      const figures = await roundTrip(scale, (number) => {
        pings.putSync(number)
        return pongs.getSync()
      })
      pings.putSync(-1)
      await echoing.join()
      return figures
    },
    [IPC]: async (scale) => {
      const child = fork(entry('ipc-echo'), [], { serialization: 'advanced' })
      const figures = await roundTrip(scale, (number) => {
        const answered = nextMessage(child)
        child.send(number)
        return answered
      })
      child.disconnect()
      return figures
    },
  },
  targets: [atMostTimes(FORK, 1, IPC)],
}
