import threads = require('node:worker_threads')

/** Answers each number in word 0 with the same in word 16, by `Atomics.wait` alone: what a ping-pong between sleeping threads cannot be quicker than. */
const words = threads.workerData as Int32Array
for (let expected = 1; ; expected++) {
  while (Atomics.load(words, 0) !== expected) Atomics.wait(words, 0, expected - 1)
  Atomics.store(words, 16, expected)
  Atomics.notify(words, 16, 1)
}
