import threads = require('node:worker_threads')

threads.parentPort?.on('message', (message: unknown) => threads.parentPort?.postMessage(message))
