// Before core is loaded: it looks for this mark to know that it is in an agent that multiproc started.
;(globalThis as Record<symbol, unknown>)[Symbol.for('multiproc.child')] = true
