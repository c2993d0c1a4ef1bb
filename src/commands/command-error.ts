/** The message is one line for the person who gave the command: what is wrong, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
