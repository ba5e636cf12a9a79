/**
 * Makes what this process prints leave it at once. Node writes to a pipe without blocking, and what did not fit is lost with `process.exit()`; a child that
 * is to be relied on must not end with its last words unsaid. Terminals and files are written synchronously anyway.
 */
export function blockOutput(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const property = Object.getOwnPropertyDescriptor(process, name)
    const open = property?.get
    if (!property?.configurable || !open) continue
    // Node opens them on first use, which is worth some milliseconds to those who never print.
    let stream: Output | undefined
    const get = (): Output => {
      if (stream) return stream
      stream = open.call(process) as Output
      stream._handle?.setBlocking?.(true)
      return stream
    }
    Object.defineProperty(process, name, { ...property, get })
  }
}

/** Node has no public word for it, but libraries rely on this one. */
interface Output {
  readonly _handle?: { setBlocking?(blocking: boolean): void }
}
