/** Names that other people's files, dashboards and scripts rely on. They never change within a version. */

export const GROUP = 'events.twilio.com'
export const API_GROUP_VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${API_GROUP_VERSION}`

/** Set before the first call at Twilio, removed when the external sink is proven gone or may stay. */
export const FINALIZER = `${GROUP}/finalizer`

/** Journal of the create protocol, written before the POST. */
export const CREATE_ATTEMPT_ANNOTATION = `${GROUP}/create-attempt`
/** Asks for a reconcile with a fresh read; answered in `status.lastHandledReconcileAt`. */
export const RECONCILE_REQUESTED_AT_ANNOTATION = `${GROUP}/reconcile-requested-at`
/** Flux's spelling of the same request, written by `flux reconcile`. */
export const FLUX_RECONCILE_REQUESTED_AT_ANNOTATION = 'reconcile.fluxcd.io/requestedAt'
/** Asks for a test event; answered in `status.lastTest`. */
export const TEST_REQUESTED_AT_ANNOTATION = `${GROUP}/test-requested-at`
/** A test id to be validated; answered in `status.lastValidation`. */
export const VALIDATE_ANNOTATION = `${GROUP}/validate`
/** On a TwilioAccount: RFC 3339 time, approves a hold that began before it. */
export const ALLOW_MASS_CHANGE_ANNOTATION = `${GROUP}/allow-mass-change`

/** On a Secret, for an operator that reads only what is labelled so; its value is a `SecretUser`. */
export const SECRET_LABEL = `${GROUP}/usable-by`
/** For whose sake a Secret is read: a Sink's value, or an account's credential. */
export type SecretUser = 'sinks' | 'twilioaccounts'

/** Begins the ownership mark at the end of a description at Twilio. People may not write it themselves. */
export const MARK_PREFIX = '[k8s:'

/**
 * Under this name `metadata.managedFields` records what the operator of a namespace writes into its objects, so that a
 * second installation is told by its own.
 */
export const fieldManagerOf = (operatorNamespace: string): string =>
  `twilio-sink-operator.${operatorNamespace}`
