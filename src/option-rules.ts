import type { Options } from './chosen-options.ts'

interface Rule {
  readonly isMet: (options: Options) => boolean
  readonly otherwise: string
}

/** What two options must be to each other. */
const RULES: readonly Rule[] = [
  {
    isMet: ({ settleTime, callTimeout }) => settleTime >= 2 * callTimeout,
    otherwise:
      '--settle-time must be at least twice --call-timeout: a create must not be repeated while Twilio may still process the first one',
  },
  {
    isMet: ({ settlingPollInterval, pollInterval }) => settlingPollInterval <= pollInterval,
    otherwise: '--settling-poll-interval must not be longer than --poll-interval',
  },
  {
    isMet: ({ renewDeadline, leaseDuration }) => renewDeadline < leaseDuration,
    otherwise: '--renew-deadline must be shorter than --lease-duration',
  },
  {
    isMet: ({ retryPeriod, renewDeadline }) => retryPeriod < renewDeadline,
    otherwise: '--retry-period must be shorter than --renew-deadline',
  },
  {
    isMet: ({ defaultAccountSid: sid, defaultAccountSecret: secret }) =>
      (sid === undefined) === (secret === undefined),
    otherwise: '--default-account-sid and --default-account-secret must be given together',
  },
  {
    isMet: ({ defaultAccountSid, defaultAccount }) =>
      defaultAccountSid === undefined || defaultAccount === undefined,
    otherwise:
      '--default-account names an existing TwilioAccount, --default-account-sid creates one: give only one of them',
  },
  {
    isMet: ({ defaultAccountSid, defaultAccountImports }) =>
      defaultAccountSid !== undefined || defaultAccountImports === 'Same',
    otherwise:
      '--default-account-imports only applies to the TwilioAccount that --default-account-sid creates: ' +
      'on any other TwilioAccount set spec.imports',
  },
]

/** The first rule that is broken, in words for the user. */
export function brokenRule(options: Options): string | undefined {
  return RULES.find(({ isMet }) => !isMet(options))?.otherwise
}
