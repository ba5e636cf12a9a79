/** Runs `run` and gives what was written to this process's stderr meanwhile, which does not appear: errors that tests provoke are no news. */
export async function stderrDuring(run: () => Promise<void>): Promise<string> {
  const { stderr } = process
  const chunks: string[] = []
  const original = stderr.write
  stderr.write = ((chunk: string | Uint8Array) => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    return true
  }) as typeof stderr.write
  try {
    await run()
  } finally {
    stderr.write = original
  }
  return chunks.join('')
}
