/** What the outside does to an operator process: it is a function of these, one after the other. */
export type Input = Start | ModelAnswer | ModelChange | Lead

export interface Start {
  readonly kind: 'start'
  readonly tick: number
  readonly target: ModelTarget
}

/** It becomes the leader. */
export interface Lead {
  readonly kind: 'lead'
  readonly tick: number
}

/** `sink` or `account`, and the name of the object. */
export type ModelTarget = `${'sink' | 'account'} ${string}`

export interface ModelAnswer {
  readonly kind: 'answer'
  readonly tick: number
  readonly call: number
  readonly reply: ModelReply
}

/** A failure is a kind of `TwilioFailure` or of `KubernetesFailure`, depending on who was asked. */
export type ModelReply = { readonly value: unknown } | { readonly failure: string }

/** The watch tells; undefined: the object is gone. */
export interface ModelChange {
  readonly kind: 'change'
  readonly tick: number
  readonly of: 'sink' | 'account'
  readonly key: string
  readonly version: number
  readonly object: unknown
  readonly origin: 'first-list' | 'list' | 'watch'
  readonly born: boolean
}

/** What a process has asked for and waits for; everything else is answered on the spot. */
export interface ModelCall {
  readonly id: number
  /** The reconcile that asks. */
  readonly by: ModelTarget
  readonly what: CallKind
  readonly tick: number
  /** Kubernetes: the object. Twilio: the sink, or nothing. */
  readonly about: string
  readonly args: unknown
}

export type CallKind =
  'slot' | 'list' | 'get' | 'post' | 'update' | 'delete' | 'patch metadata of' | 'patch status of'

export const KUBERNETES_CALLS: readonly CallKind[] = ['patch metadata of', 'patch status of']

/** What the process sees of the world without waiting, by name; asked only when needed, so that nothing else counts. */
export type Look = (what: string) => unknown

/** What a step of a process did besides asking. */
export interface ModelDeed {
  readonly kind: 'wrote account' | 'passed' | 'event' | 'threw'
  readonly about: string
  readonly detail: unknown
}
