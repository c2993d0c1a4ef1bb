/** The message is one line for the user who started the process. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
