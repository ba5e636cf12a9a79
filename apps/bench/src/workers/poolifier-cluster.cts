import poolifier = require('poolifier')
import work = require('./work.cjs')

export = new poolifier.ClusterWorker(work as never)
