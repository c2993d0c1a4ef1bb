import type { Column, Kind } from './crd.ts'
import { SinkSpec, SinkStatus } from '../sink.ts'
import { TwilioAccountSpec, TwilioAccountStatus } from '../twilio-account.ts'
import type { Rule } from '../schema-field.ts'
import { MEMBERS, SINK_TYPES } from '../sink-configuration.ts'

/**
 * What may not change once the sink exists, because Twilio cannot change it.
 *
 * Guarantees: every rule compares spec with the spec before, so a write of metadata or status always passes, also on an
 * object that breaks a rule. Every rule has a field path; without one people read `<nil>`.
 * Only such transition rules may stand at the root of the schema: any other that an old object breaks would refuse
 * even the removal of its finalizer.
 */

const SINK_EXISTS = 'has(oldSelf.status) && has(oldSelf.status.sid)'
const REPLACEMENT_REQUIRED =
  "has(oldSelf.status.conditions) && oldSelf.status.conditions.exists(c, c.type == 'ReplacementRequired' && c.status == 'True')"
/** Open while the difference is known anyway: then every change is a way back. */
const UNLOCKED = `!(${SINK_EXISTS}) || (${REPLACEMENT_REQUIRED})`

const WAY_OUT =
  'put the old value back; for another one, create a Sink under another name with a subscription of its own, then delete the old subscription and this Sink'

function locked(type: string, member: string): Rule {
  const both = `has(oldSelf.spec.${type}) && has(oldSelf.spec.${type}.${member}) && has(self.spec.${type}) && has(self.spec.${type}.${member})`
  return {
    rule: `${UNLOCKED} || !(${both}) || self.spec.${type}.${member} == oldSelf.spec.${type}.${member}`,
    message: `Twilio cannot change ${member} of an existing sink: ${WAY_OUT}`,
    fieldPath: `.spec.${type}.${member}`,
    reason: 'FieldValueForbidden',
  }
}

const SAME_TYPE = SINK_TYPES.map((type) => `has(self.spec.${type}) == has(oldSelf.spec.${type})`).join(' && ')

const TYPE: Rule = {
  rule: `${UNLOCKED} || (${SAME_TYPE})`,
  message:
    `Twilio cannot change the type of an existing sink (${SINK_TYPES.join(', ')}): put the old type back; ` +
    'for another one, create a Sink under another name with a subscription of its own, then delete the old subscription and this Sink',
  fieldPath: '.spec',
  reason: 'FieldValueForbidden',
}

const ACCOUNT: Rule = {
  rule:
    '!has(oldSelf.status) || !has(oldSelf.status.accountSid) || ' +
    '(has(self.spec.accountRef) ? has(oldSelf.spec.accountRef) && self.spec.accountRef == oldSelf.spec.accountRef : !has(oldSelf.spec.accountRef))',
  message:
    'a sink cannot move to another account: put accountRef back as it was (also if it was absent); ' +
    'for another account, create a Sink under another name there, then delete this one',
  fieldPath: '.spec.accountRef',
  reason: 'FieldValueForbidden',
}

/**
 * `import` is a reserved word of CEL. The case of a SID says nothing. An import that was wrong before may stay, or be
 * taken away.
 */
const IMPORT: Rule = {
  rule:
    `!has(self.spec.__import__) || !(${SINK_EXISTS}) || ` +
    'self.spec.__import__.sid.lowerAscii() == oldSelf.status.sid.lowerAscii() || ' +
    '(has(oldSelf.spec.__import__) && self.spec.__import__ == oldSelf.spec.__import__)',
  message:
    'this Sink already has a sink at Twilio, so import.sid can only be that of status.sid: take import out, ' +
    'or import the other sink with a Sink under another name',
  fieldPath: '.spec.import.sid',
  reason: 'FieldValueForbidden',
}

const SINK_TRANSITION_RULES: readonly Rule[] = [
  TYPE,
  ...SINK_TYPES.flatMap((type) => MEMBERS[type].map(({ name }) => locked(type, name))),
  ACCOUNT,
  IMPORT,
]

/** The two kinds as the cluster learns them. */

const READY: Column = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: 'Status of the condition Ready.',
}

const REASON: Column = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  description: 'Reason of the condition Ready.',
}

const MESSAGE: Column = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  description: 'Message of the condition Ready: what is wrong and what to do.',
  wide: true,
}

const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago the object was created.',
}

export const SINK_KIND: Kind = {
  kind: 'Sink',
  plural: 'sinks',
  description:
    'A sink of Twilio Event Streams. The operator creates it at Twilio, keeps it as the spec says, and deletes it with this object.',
  spec: SinkSpec,
  status: SinkStatus,
  transitionRules: SINK_TRANSITION_RULES,
  columns: [
    READY,
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.sinkStatus',
      description: 'Status of the sink, as Twilio reports it.',
    },
    { name: 'Type', type: 'string', jsonPath: '.status.sinkType', description: 'Type of the sink.' },
    {
      name: 'In Use',
      type: 'string',
      jsonPath: '.status.subscriptions',
      description: 'SIDs of the subscriptions that use the sink; [] means none, so Twilio delivers no event.',
    },
    {
      name: 'Suspended',
      type: 'boolean',
      jsonPath: '.spec.suspend',
      description: 'While true, the operator changes nothing at Twilio, and Ready says what was so before.',
    },
    { name: 'SID', type: 'string', jsonPath: '.status.sid', description: 'SID of the sink at Twilio.' },
    AGE,
    { ...REASON, wide: true },
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.status.accountSid',
      description: 'SID of the Twilio account that the sink is in.',
      wide: true,
    },
    MESSAGE,
  ],
}

export const TWILIO_ACCOUNT_KIND: Kind = {
  kind: 'TwilioAccount',
  plural: 'twilioaccounts',
  description: 'A Twilio account: its SID, its credentials, and the namespaces that may use it.',
  spec: TwilioAccountSpec,
  status: TwilioAccountStatus,
  transitionRules: [],
  columns: [
    READY,
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.spec.accountSid',
      description: 'SID of the Twilio account.',
    },
    {
      name: 'Sinks',
      type: 'integer',
      jsonPath: '.status.sinks.total',
      description: 'Sinks in the account, whoever made them.',
    },
    AGE,
    REASON,
    {
      name: 'Held',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="ChangesHeld")].reason',
      description: 'Why changes are held; empty if they are not.',
    },
    {
      name: 'Deletion',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="DeletionBlocked")].reason',
      description: 'Why the deletion of the TwilioAccount waits; empty if it does not.',
    },
    MESSAGE,
  ],
}
