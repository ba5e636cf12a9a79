import worker = require('threads/worker')
import work = require('./work.cjs')

worker.expose(work)
