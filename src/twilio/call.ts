import type { Moment } from '../time/clock.ts'
import type { Operation } from './operations.ts'

/** One call at Twilio: what is sent, and how its answer is read. */
export interface TwilioCall<T> {
  readonly operation: Operation
  /** Path and query below the base URL's prefix; or, of a next page, the whole path as Twilio gave it. */
  readonly path: string
  /** `application/x-www-form-urlencoded`; undefined for no body. */
  readonly form?: string | undefined
  /** What else than the credential must not come back in a message. */
  readonly secrets?: () => readonly string[]
  /** Once either clock is past it, it must not be sent any more. */
  readonly notAfter?: Moment | undefined
  /** Reads the body of a successful answer; undefined is a body that was not received whole. */
  readonly read: (body: string | undefined) => Reading<T>
}

export type Reading<T> =
  | { readonly readable: true; readonly value: T }
  /** `problem` names places in the answer, never values. */
  | { readonly readable: false; readonly problem: string }
