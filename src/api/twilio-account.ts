import { z } from 'zod'
import { Conditions } from './condition.ts'
import { ACCOUNT_SID_RULE, asTwilioWrites } from './identifier.ts'
import { LabelSelector } from './label-selector.ts'
import { Metadata } from './metadata.ts'
import { memberwise, parseObject, type PartialObject, type Unreadable } from './parse.ts'
import { objectName } from './reference.ts'
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
        'Same: only the namespace of the account. All: every one. Selector: those with matching labels.',
    }),
    selector: LabelSelector.meta({
      description: 'Labels of the namespaces, with from: Selector.',
    }).optional(),
  })
  .meta({
    description: 'Namespaces whose Sinks may refer to this account.',
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
        'TakeOver: that installation is gone, its sinks whose objects exist here become ours. ' +
        'Separate: it lives on, sinks of our own are created beside its own.',
    }),
  })
  .meta({ description: 'Another installation of the operator that has marked sinks in the same account.' })

export const TwilioAccountSpec = z
  .object({
    accountSid: text('SID of the Twilio account that the credentials must belong to. It cannot be changed.', {
      maxLength: 34,
      rules: [celRule(ACCOUNT_SID_RULE), PINNED],
    }).transform(asTwilioWrites),
    credentialsSecretRef: z.object({ name: objectName('Name of the Secret.') }).meta({
      description:
        'Secret of the same namespace with the key TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and TWILIO_API_SECRET.',
    }),
    allowedNamespaces: AllowedNamespaces.default({ from: 'Same' }),
    imports: z.enum(['Same', 'Allowed']).default('Same').meta({
      description:
        'Who may import existing sinks. Same: only Sinks in the namespace of the account. Allowed: every Sink that may refer to it.',
    }),
    otherInstallations: z
      .array(OtherInstallation)
      .meta({
        description: 'What to do about sinks that another installation has marked (MarkedElsewhere).',
        maxItems: 16,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
      })
      .optional()
      .transform((installations) => installations ?? []),
  })
  .meta({ description: 'Which account, and who may use it.' })
export type TwilioAccountSpec = z.infer<typeof TwilioAccountSpec>

/** Most things that one hold names; what does not fit is not approved with it. */
export const MAX_HELD_ITEMS = 1_000

const HeldStatus = z
  .object({
    key: statusText('keyDigest', 'Digest of the key that did not show them: a release counts for no other.'),
    items: z
      .array(
        z
          .object({
            kind: statusText(
              'heldKind',
              'MissingSink: a recorded sink that is not seen. OpenAttempt: a create whose end is not known. SeenElsewhere: a sink that another TwilioAccount with another SID shows, too.',
            ),
            id: statusText('heldId', 'SID of the sink, or object (or its mark) and number of the create.'),
            since: statusText('heldSince', 'Since when the hold covers it.'),
          })
          .meta({ description: 'One thing that the hold covers.' }),
      )
      .meta({ description: 'What the hold covers.', maxItems: MAX_HELD_ITEMS }),
  })
  .meta({
    description:
      'What the condition ChangesHeld is about. What a person has released stays here until it is settled.',
  })

/** Most keys that are remembered: of more rotations the oldest are forgotten. */
export const MAX_KEYS = 16

const KeyStatus = z
  .object({
    digest: statusText('keyDigest', 'Digest of the SID of the key.'),
    since: statusText('keySince', 'When this TwilioAccount first saw the account through it.'),
  })
  .meta({ description: 'One key.' })

export const TwilioAccountStatus = z
  .object({
    observedGeneration: integer(
      'Generation that the conditions speak of; -1 until the operator has looked at the object.',
    ).default(-1),
    installationId: statusText(
      'installationId',
      'What this installation writes into the marks of its sinks.',
    ).optional(),
    keys: z
      .array(KeyStatus)
      .meta({
        description:
          'Keys of this object that are known to be of one Twilio account, because one shows what another has made or shown; the latest sixteen. Each can tell what became of a sink of the others.',
        maxItems: MAX_KEYS,
      })
      .optional()
      .transform((keys) => keys ?? []),
    sinks: z
      .object({
        total: integer('Sinks in the account, whoever made them.'),
        owned: integer('Those of them that belong to a Sink of this installation.'),
        limit: integer('How many sinks Twilio allows in the account.'),
      })
      .partial()
      .meta({ description: 'Sinks in the account, as of the last poll.' })
      .optional(),
    held: HeldStatus.optional(),
    conditions: Conditions,
  })
  .meta({ description: 'What the account is, as last seen. Only the operator writes it.' })
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

/** Never throws, as `parseSink`. */
export function parseTwilioAccount(
  value: unknown,
): { ok: true; account: TwilioAccount } | Unreadable<PartialAccount> {
  const read = parseObject(TwilioAccount, readPart, value)
  return read.ok ? { ok: true, account: read.value } : read
}
