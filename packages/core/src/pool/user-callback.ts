/** Calls a function of the user's. What it throws is an uncaught exception of the program, as from any event listener, and nothing of ours. */
export function callBack<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): void {
  try {
    callback(...args)
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}
