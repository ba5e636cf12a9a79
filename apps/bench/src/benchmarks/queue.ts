import { Worker } from 'node:worker_threads'
import { Process, Queue, task } from '@multiproc/backend-threads'
import type { Benchmark, Scale } from '../benchmark.js'
import { atLeast, atLeastTimes } from '../targets.js'
import { sampled } from '../timing.js'
import { entry } from '../workers/entry.js'
import { type Item, type Payload, payloadOf, weight } from './payloads.js'

const ROUND = 1
const END = 0

/** Puts `count` items. */
export function putAll(queue: Queue<Item>, payload: Payload, count: number): void {
  for (let n = 0; n < count; n++) queue.putSync(payload.make(n))
}

/** Takes `count` items and gives the sum of their weights. */
export function getAll(queue: Queue<Item>, count: number): number {
  let sum = 0
  for (let n = 0; n < count; n++) sum += weight(queue.getSync())
  return sum
}

export const produce = task(
  import.meta,
  function produce(queue: Queue<Item>, name: string, count: number, orders: Queue<number>) {
    const payload = payloadOf(name)
    while (orders.getSync() === ROUND) putAll(queue, payload, count)
  },
)

export const consume = task(
  import.meta,
  function consume(queue: Queue<Item>, count: number, orders: Queue<number>, sums: Queue<number>) {
    while (orders.getSync() === ROUND) sums.putSync(getAll(queue, count))
  },
)

/** The consumer is a worker; the producer this thread, or another worker. */
function ours(payload: Payload, producer: 'main' | 'worker') {
  return async (scale: Scale): Promise<number[]> => {
    const count = Math.round(payload.count * scale.work)
    const queue = new Queue<Item>()
    const sums = new Queue<number>()
    const orders = [new Queue<number>()]
    const processes = [new Process({ target: consume, args: [queue, count, orders[0] as Queue<number>, sums] }).start()]
    if (producer === 'worker') {
      const toProducer = new Queue<number>()
      orders.push(toProducer)
      processes.push(new Process({ target: produce, args: [queue, payload.name, count, toProducer] }).start())
    }
    const figures = await sampled(scale, () => {
      const start = performance.now()
      for (const order of orders) order.putSync(ROUND)
      if (producer === 'main') putAll(queue, payload, count)
      const sum = sums.getSync()
      const ms = performance.now() - start
      check(sum, payload, count)
      return figure(payload, count, ms)
    })
    for (const order of orders) order.putSync(END)
    for (const process of processes) await process.join()
    return figures
  }
}

function postMessage(payload: Payload) {
  return async (scale: Scale): Promise<number[]> => {
    const count = Math.round(payload.count * scale.work)
    const worker = new Worker(entry('message-sink'), { workerData: { count } })
    const figures = await sampled(scale, async () => {
      const answered = new Promise<number>((resolve) => worker.once('message', resolve))
      const start = performance.now()
      for (let n = 0; n < count; n++) worker.postMessage(payload.make(n))
      const sum = await answered
      const ms = performance.now() - start
      check(sum, payload, count)
      return figure(payload, count, ms)
    })
    await worker.terminate()
    return figures
  }
}

/** Items, or where they are large MiB, a second. */
function figure(payload: Payload, count: number, ms: number): number {
  const perSecond = (count / ms) * 1000
  return isBulk(payload) ? (perSecond * (payload.bytes ?? 0)) / 2 ** 20 : perSecond
}

function isBulk(payload: Payload): boolean {
  return (payload.bytes ?? 0) >= 65_536
}

function check(sum: number, payload: Payload, count: number): void {
  let expected = 0
  for (let n = 0; n < count; n++) expected += weight(payload.make(n))
  if (sum !== expected) throw new Error(`the items that arrived sum up to ${sum}; those sent to ${expected}`)
}

const FROM_MAIN = 'Queue, main → worker'
const FROM_WORKER = 'Queue, worker → worker'
const MESSAGES = 'postMessage, main → worker'

/** The benchmark of one kind of item. */
export function queueOf(item: string): Benchmark {
  const payload = payloadOf(item)
  return {
    name: `queue-${payload.name}`,
    title: `Queue, one producer and one consumer: ${payload.title}`,
    measures: `${payload.count.toLocaleString('en-US')} items, put and got synchronously, from the first put to the last get.`,
    unit: isBulk(payload) ? 'MiB/s' : '/s',
    better: 'higher',
    ours: FROM_MAIN,
    contenders: {
      [FROM_MAIN]: ours(payload, 'main'),
      [FROM_WORKER]: ours(payload, 'worker'),
      [MESSAGES]: postMessage(payload),
    },
    ...(payload.name === 'int' && {
      targets: [FROM_MAIN, FROM_WORKER].flatMap((name) => [atLeast(name, 2_000_000), atLeastTimes(name, 2, MESSAGES)]),
    }),
  }
}
