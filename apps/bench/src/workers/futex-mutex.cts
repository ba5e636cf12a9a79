import threads = require('node:worker_threads')

/** Word of the lock (0 free, 1 held, 2 held and wanted), and that of the counter it guards, on a cache line of its own. */
const LOCK = 0
const COUNTER = 32
const words = threads.workerData as Int32Array

function addAll(turns: number): void {
  for (let n = 0; n < turns; n++) {
    lock()
    ;(words[COUNTER] as number)++
    unlock()
  }
}

function lock(): void {
  for (let looks = 0; looks < 100; looks++) {
    if (Atomics.compareExchange(words, LOCK, 0, 1) === 0) return
  }
  while (Atomics.exchange(words, LOCK, 2) !== 0) Atomics.wait(words, LOCK, 2)
}

function unlock(): void {
  if (Atomics.exchange(words, LOCK, 0) === 2) Atomics.notify(words, LOCK, 1)
}

threads.parentPort?.on('message', (turns: number) => {
  addAll(turns)
  threads.parentPort?.postMessage(turns)
})
