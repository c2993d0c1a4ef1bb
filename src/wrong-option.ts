/** The message is one line for the user who started the process. */
export class WrongOption extends Error {
  override readonly name = 'WrongOption'
}
