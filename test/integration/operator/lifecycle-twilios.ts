import type { SettingsInput } from '../../rigs/simulator/settings.ts'

/** What Twilio may be like where nobody is sure; see the settings of the simulator. */
export interface TwilioKind {
  readonly title: string
  readonly settings: SettingsInput
  /** `legacy`: new sinks are initialized, and a test event and its validation make them active. */
  readonly flow: 'current' | 'legacy'
  /** Operations that the credential may not use. */
  readonly denied: readonly string[]
  /**
   * False: it rewrites values beyond all comparison. The operator knows that by the answer to its own create, or by the
   * journal of the create; an object that was lost with both cannot be told from one that was edited meanwhile.
   */
  readonly comparable: boolean
  /** Sinks of others that are there from the start. */
  readonly crowd: number
}

const kind = (title: string, settings: SettingsInput, more: Partial<TwilioKind> = {}): TwilioKind => ({
  title,
  settings,
  flow: 'current',
  denied: [],
  comparable: true,
  crowd: 0,
  ...more,
})

const NO_SUBSCRIPTIONS = { denied: ['ListSubscription'] }

export const TWILIOS: readonly TwilioKind[] = [
  kind('as it is likeliest today', {}),
  kind('that masks secrets', { secrets: 'masked' }),
  kind('that omits secrets and defaults', { secrets: 'omitted', fillDefaults: false }, { comparable: false }),
  kind('that rewrites URLs in the WHATWG form, and methods to POST', {
    destination: 'whatwg',
    method: 'upper',
  }),
  kind('that writes hosts in capitals and keeps methods', { destination: 'upperCaseHost', method: 'keep' }),
  kind('that toggles the last slash of a URL', { destination: 'toggleTrailingSlash' }, { comparable: false }),
  kind(
    'with the old flow of statuses',
    { validation: 'legacy', statusAfterCreate: 'initialized' },
    { flow: 'legacy' },
  ),
  kind('that says 91001 of what is not there', { notFoundCode: 91001, malformedSid: 'notFound' }),
  kind('that says 409 of a sink in use, and lists the newest first', {
    inUseStatus: 409,
    listOrder: 'newestFirst',
  }),
  kind('that gives pages of 50, with more than 50 sinks', { maxPageSize: 50 }, { crowd: 55 }),
  kind('that does not show subscriptions to the key', {}, NO_SUBSCRIPTIONS),
  kind('that says 401 of a missing permission', { permissionStatus: 401 }, NO_SUBSCRIPTIONS),
  kind('that says 70051 of wrong credentials', { authFailureCode: 70051, headers: false }),
]
