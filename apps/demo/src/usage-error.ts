/** The command line asks for what cannot be. Told in a line, without a stack: nothing is wrong with the program. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
