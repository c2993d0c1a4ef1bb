import type { Column, Kind } from './crd.ts'
import { SinkSpec, SinkStatus } from '../sink.ts'
import { SINK_TRANSITION_RULES } from './sink-transition-rules.ts'
import { TwilioAccountSpec, TwilioAccountStatus } from '../twilio-account.ts'

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
  wide: true,
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
    { name: 'SID', type: 'string', jsonPath: '.status.sid', description: 'SID of the sink at Twilio.' },
    AGE,
    REASON,
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
    MESSAGE,
  ],
}
