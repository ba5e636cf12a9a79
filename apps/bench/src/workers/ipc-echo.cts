/** Sends back what its parent sends. */
process.on('message', (item) => process.send?.(item))
