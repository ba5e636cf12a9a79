import type { CallMessage } from '../peers/peer.js'

import work = require('./work.cjs')

/** For pools that call a module's one export: a name and its argument come in one message. */
function run([name, argument]: CallMessage): unknown {
  return work[name](argument as never)
}

export = run
