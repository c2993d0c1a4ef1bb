/** A Sink or a TwilioAccount as the API server answers it, as far as tests look. */
export interface SinkObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly generation: number
    readonly resourceVersion: string
    readonly finalizers?: readonly string[]
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: Readonly<Record<string, unknown>>
  readonly status: {
    readonly observedGeneration: number
    readonly sid?: string
    readonly sinkStatus?: string
    readonly subscriptions?: readonly string[]
    readonly createAttempt?: number
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
      readonly observedGeneration?: number
    }[]
    readonly [field: string]: unknown
  }
}

export const condition = (object: SinkObject | undefined, type: string) =>
  object?.status.conditions?.find((one) => one.type === type)

export const readyCondition = (object: SinkObject | undefined) => condition(object, 'Ready')

/** What is said is about the spec as it stands. */
export const isCurrent = ({ metadata, status }: SinkObject): boolean =>
  status.observedGeneration === metadata.generation

/** Ready is True, and of the spec as it stands. */
export const isReady = (object: SinkObject): boolean =>
  isCurrent(object) && readyCondition(object)?.status === 'True'

/** Where the events of a Sink of this name go, unless a test says otherwise. */
export const destinationOf = (name: string): string => `https://${name}.example.com/events`
