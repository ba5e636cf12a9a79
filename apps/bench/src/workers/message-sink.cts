import threads = require('node:worker_threads')

/** Counts messages and answers each `count`-th with the sum of what they hold (a number, or a length): all have arrived then. */
const { count } = threads.workerData as { count: number }
let arrived = 0
let sum = 0
const port = threads.parentPort
port?.on('message', (message: number | { readonly length: number } | { readonly id: number }) => {
  sum += typeof message === 'number' ? message : 'id' in message ? message.id : message.length
  if (++arrived < count) return
  port.postMessage(sum)
  arrived = 0
  sum = 0
})
