/** Counts what its parent sends and answers with the sum each time so many have come; `process.argv[2]` says how many. */
const count = Number(process.argv[2])
let received = 0
let sum = 0
process.on('message', (item: number | Uint8Array) => {
  sum += typeof item === 'number' ? item : item.length
  if (++received < count) return
  process.send?.(sum)
  received = 0
  sum = 0
})
