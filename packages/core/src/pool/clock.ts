/** Once: the global is an accessor. */
const { performance } = globalThis

/** What `performance.now()` lacks to a clock that all threads and processes of this machine read alike. */
const offset = (() => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6 - performance.now()
})()

/** ms on a monotonic clock that all agents share. */
export function sharedNow(): number {
  return offset + performance.now()
}
