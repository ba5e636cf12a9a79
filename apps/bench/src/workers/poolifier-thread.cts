import poolifier = require('poolifier')
import work = require('./work.cjs')

export = new poolifier.ThreadWorker(work as never)
