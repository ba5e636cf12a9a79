import { Worker } from 'node:worker_threads'
import { Process, Queue, task } from '@multiproc/backend-threads'
import type { Benchmark, Scale } from '../benchmark.js'
import { median } from '../statistics.js'
import { sampled } from '../timing.js'
import { entry } from '../workers/entry.js'

const ROUND_TRIPS = 5_000

export const echo = task(import.meta, function echo(pings: Queue<number>, pongs: Queue<number>) {
  for (let ping = pings.getSync(); ping >= 0; ping = pings.getSync()) pongs.putSync(ping)
})

/** Median µs of many single round trips. */
async function roundTrip(scale: Scale, trip: (number: number) => Promise<number> | number): Promise<number[]> {
  const count = Math.round(ROUND_TRIPS * scale.work)
  return sampled(scale, async () => {
    const trips = new Float64Array(count)
    for (let n = 0; n < count; n++) {
      const start = performance.now()
      const answer = trip(n)
      if ((typeof answer === 'number' ? answer : await answer) !== n) throw new Error('a wrong answer came back')
      trips[n] = (performance.now() - start) * 1000
    }
    return median(trips as unknown as readonly number[])
  })
}

async function withQueues(
  scale: Scale,
  trip: (pings: Queue<number>, pongs: Queue<number>, number: number) => Promise<number> | number,
): Promise<number[]> {
  const [pings, pongs] = [new Queue<number>(), new Queue<number>()]
  const echoing = new Process({ target: echo, args: [pings, pongs] }).start()
  const figures = await roundTrip(scale, (number) => trip(pings, pongs, number))
  pings.putSync(-1)
  await echoing.join()
  return figures
}

export const pingPong: Benchmark = {
  name: 'ping-pong',
  title: 'Ping-pong',
  measures: 'µs from sending a small integer to having it back from another thread, the median of 5,000 round trips.',
  unit: 'µs',
  better: 'lower',
  awake: true,
  ours: 'two Queues, sync',
  contenders: {
    'two Queues, sync': (scale) =>
      withQueues(scale, (pings, pongs, number) => {
        pings.putSync(number)
        return pongs.getSync()
      }),
    'two Queues, await here, sync there': (scale) =>
      withQueues(scale, (pings, pongs, number) => {
        pings.putSync(number)
        return pongs.get()
      }),
    postMessage: async (scale) => {
      const worker = new Worker(entry('message-echo'))
      const figures = await roundTrip(scale, (number) => {
        const answered = new Promise<number>((resolve) => worker.once('message', resolve))
        worker.postMessage(number)
        return answered
      })
      await worker.terminate()
      return figures
    },
    'bare Atomics.wait and notify': async (scale) => {
      const words = new Int32Array(new SharedArrayBuffer(128))
      const worker = new Worker(entry('wait-echo'), { workerData: words })
      let turn = 0
      const figures = await roundTrip(scale, (number) => {
        turn++
        Atomics.store(words, 0, turn)
        Atomics.notify(words, 0, 1)
        while (Atomics.load(words, 16) !== turn) Atomics.wait(words, 16, turn - 1)
        return number
      })
      await worker.terminate()
      return figures
    },
  },
}
