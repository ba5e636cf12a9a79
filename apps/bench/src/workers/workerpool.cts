import workerpool = require('workerpool')
import work = require('./work.cjs')

workerpool.worker(work)
