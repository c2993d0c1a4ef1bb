import { z } from 'zod'
import { Conditions } from './condition.ts'
import { ACCOUNT_SID_RULE, asTwilioWrites } from './identifier.ts'
import { Metadata, memberwise, parseObject, type PartialObject, type Parsed } from './parse.ts'
import { LabelSelector, objectName } from './reference.ts'
import { integer, type Rule, RULES, statusText, text } from './schema-field.ts'
import { celRule, type PatternRule } from './value-rule.ts'

const PINNED: Rule = {
  // The case of a SID says nothing.
  rule: 'self.lowerAscii() == oldSelf.lowerAscii()',
  message:
    'cannot change, since with another account every sink of this one would look deleted: ' +
    'put the old SID back; for another account, create another TwilioAccount',
  reason: 'FieldValueForbidden',
}

const INSTALLATION_RULE: PatternRule = {
  pattern: '^[a-z2-7]{6}$',
  is: 'required',
  message:
    'must be the six characters after "[k8s:" in the descriptions at Twilio, as the message of MarkedElsewhere names them',
}

const AllowedNamespaces = z
  .object({
    from: z.enum(['Same', 'All', 'Selector']).default('Same').meta({
      description:
        'Same: only the namespace of this TwilioAccount. All: every namespace. Selector: namespaces whose labels match the selector.',
    }),
    selector: LabelSelector.meta({
      description: 'Selects namespaces by their labels. Only with from: Selector.',
    }).optional(),
  })
  .meta({
    description: 'Namespaces whose Sinks may use this TwilioAccount.',
    [RULES]: [
      {
        rule: "has(self.selector) == (self.from == 'Selector')",
        message: 'from: Selector needs a selector ({} selects every namespace), Same and All take none',
      },
    ],
  })

const OtherInstallation = z
  .object({
    id: text('The six characters after "[k8s:" in the descriptions at Twilio.', {
      maxLength: 6,
      rules: [celRule(INSTALLATION_RULE)],
    }),
    treatAs: z.enum(['TakeOver', 'Separate']).meta({
      description:
        'TakeOver: the other installation no longer exists, and the operator takes over those of its sinks whose objects exist here. ' +
        'Separate: the other installation still exists, and the operator creates its own sinks beside the sinks of the other.',
    }),
  })
  .meta({
    description: 'Another installation of the operator that has marked sinks in the same Twilio account.',
  })

export const TwilioAccountSpec = z
  .object({
    accountSid: text('SID of the Twilio account that the credentials must belong to. It cannot be changed.', {
      maxLength: 34,
      rules: [celRule(ACCOUNT_SID_RULE), PINNED],
    }).transform(asTwilioWrites),
    credentialsSecretRef: z.object({ name: objectName('Name of the Secret.') }).meta({
      description:
        'Secret in the same namespace with the key TWILIO_AUTH_TOKEN, or with the keys TWILIO_API_KEY and TWILIO_API_SECRET.',
    }),
    allowedNamespaces: AllowedNamespaces.default({ from: 'Same' }),
    imports: z.enum(['Same', 'Allowed']).default('Same').meta({
      description:
        'Which Sinks may import existing sinks. Same: only those in the namespace of this TwilioAccount. Allowed: all that may use it.',
    }),
    otherInstallations: z
      .array(OtherInstallation)
      .meta({
        description:
          'What the operator does with sinks that another installation has marked (reason MarkedElsewhere).',
        maxItems: 16,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
      })
      .optional()
      .transform((installations) => installations ?? []),
  })
  .meta({ description: 'The Twilio account, its credentials, and who may use it.' })
export type TwilioAccountSpec = z.infer<typeof TwilioAccountSpec>

/** Most things that one hold names; what does not fit is not approved with it. */
export const MAX_HELD_ITEMS = 1_000

const HeldStatus = z
  .object({
    key: statusText(
      'keyDigest',
      'Digest of the Twilio key that did not show these items. An approval counts only for this key.',
    ),
    items: z
      .array(
        z
          .object({
            kind: statusText(
              'heldKind',
              'MissingSink: a recorded sink that Twilio does not show. OpenAttempt: a create whose result is not known. SeenElsewhere: a sink that a TwilioAccount with another account SID shows, too.',
            ),
            id: statusText(
              'heldId',
              'SID of the sink. For a create: its object (or the mark of the object) and the number of the attempt.',
            ),
            since: statusText('heldSince', 'Time from which on the hold covers it.'),
          })
          .meta({ description: 'One sink or create that the hold covers.' }),
      )
      .meta({ description: 'Sinks and creates that the hold covers.', maxItems: MAX_HELD_ITEMS }),
  })
  .meta({
    description:
      'Details of the condition ChangesHeld. An item that a person has approved stays here until it is settled.',
  })

/** Most keys that are remembered: of more rotations the oldest are forgotten. */
export const MAX_KEYS = 16

const KeyStatus = z
  .object({
    digest: statusText('keyDigest', 'Digest of the SID of the key.'),
    since: statusText('keySince', 'When this TwilioAccount first read the account with this key.'),
  })
  .meta({ description: 'One Twilio key.' })

export const TwilioAccountStatus = z
  .object({
    observedGeneration: integer(
      'Generation of the object that the conditions describe; -1 until the operator has reconciled it.',
    ).default(-1),
    installationId: statusText(
      'installationId',
      'Id of this installation in the ownership marks of its sinks.',
    ).optional(),
    keys: z
      .array(KeyStatus)
      .meta({
        description:
          'Twilio keys of this object that are known to belong to the same Twilio account, because one of them has shown a sink that another has created or shown. The latest sixteen. Each of them can show what became of the sinks of the others.',
        maxItems: MAX_KEYS,
      })
      .optional()
      .transform((keys) => keys ?? []),
    sinks: z
      .object({
        total: integer('Number of all sinks in the account, also those of others.'),
        owned: integer('Number of those that belong to a Sink of this installation.'),
        limit: integer('Number of sinks that Twilio allows in the account.'),
        unowned: integer(
          'Number of sinks with the mark of this installation whose Sink object does not exist (any more): see the condition SinksUnowned.',
        ),
      })
      .partial()
      .meta({ description: 'Sinks in the account at the last poll.' })
      .optional(),
    held: HeldStatus.optional(),
    conditions: Conditions,
  })
  .meta({ description: 'Observed state of the account. Only the operator writes it.' })
  .prefault({ observedGeneration: -1 })
export type TwilioAccountStatus = z.infer<typeof TwilioAccountStatus>

/** A TwilioAccount as read from the API server. Fields that this version does not know are left out. */
export const TwilioAccount = z.object({
  metadata: Metadata,
  spec: TwilioAccountSpec,
  status: TwilioAccountStatus,
})
export type TwilioAccount = z.infer<typeof TwilioAccount>

/** All of a TwilioAccount, or what can be read of one that cannot be read as a whole. */
export type PartialAccount = PartialObject<TwilioAccount>

const readPart = memberwise(TwilioAccountSpec.shape, TwilioAccountStatus.unwrap().shape)

export const parseTwilioAccount = (value: unknown): Parsed<TwilioAccount> =>
  parseObject(TwilioAccount, readPart, value)
