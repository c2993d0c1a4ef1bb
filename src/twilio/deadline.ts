/** The call took longer than it may, in all: connecting, headers and body. */
export class DeadlinePassed extends Error {
  readonly code = 'CALL_TIMEOUT'
  constructor(milliseconds: number) {
    super(`no complete answer within ${milliseconds} ms`)
    this.name = 'DeadlinePassed'
  }
}

export interface Deadline {
  /** Aborted with `DeadlinePassed`, or earlier by a caller that gives up. */
  readonly controller: AbortController
  /** MUST be called when the call has ended. */
  clear(): void
}

export function createDeadline(milliseconds: number): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DeadlinePassed(milliseconds)), milliseconds)
  return { controller, clear: () => clearTimeout(timer) }
}
