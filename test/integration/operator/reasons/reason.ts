import type { SinkObject } from '../../../rigs/sink-object.ts'
import type { Stage } from '../stage.ts'

export const KIND_OF = { sinks: 'Sink', twilioaccounts: 'TwilioAccount' } as const

export type Who = 'nobody' | 'cluster' | 'twilio' | 'network'

/** One state in which a person may find an object: how it comes, what is seen of it, and what fixes it. */
export interface Reason {
  readonly kind: keyof typeof KIND_OF
  /** Name of the object. */
  readonly name: string
  /** Condition types with their reasons, all there at once; each has a section. */
  readonly shows: Readonly<Record<string, string>>
  /** When it is given, as the section begins. */
  readonly when: string
  readonly who: Who
  /**
   * Shell lines: `kubectl` and `curl` are run as they stand on the page, but for the names of the stage and for words in
   * CAPITALS out of `fillIn`. Lines that begin with `#` say what `elsewhere` does. A sentence where nobody has to do anything.
   */
  readonly fix: string
  provoke(stage: Stage): Promise<unknown>
  fillIn?(stage: Stage): Promise<Readonly<Record<string, string>>>
  elsewhere?(stage: Stage): Promise<unknown>
  /** Default: Ready is True where it was not, and the other conditions shown are gone. */
  readonly healed?: (object: SinkObject | undefined) => boolean
}

export const isGone = (object: SinkObject | undefined): boolean => object === undefined

export const ITSELF = 'The operator goes on by itself. The test waits until it has.'
export const ALL_IS_WELL = 'Nothing is wrong.'
