import {
  VALID_ACCOUNT_SID,
  KINESIS,
  OTHER_ACCOUNT_SID,
  OTHER_SINK_SID,
  SECRET_REF,
  SEGMENT,
  SINK_SID,
  WEBHOOK,
} from '../../unit/api/objects.ts'

type Spec = Record<string, unknown>
type Status = Record<string, unknown>

/** An object as it was, its status at that time, and what somebody makes of it. `refused` as in `create-row.ts`. */
export type ChangeRow = {
  did: string
  kind: 'Sink' | 'TwilioAccount'
  before: Spec
  status: Status
  after: Spec
  refused?: string
}

const EXISTS: Status = { observedGeneration: 1, sid: SINK_SID, accountSid: VALID_ACCOUNT_SID }
const NEW: Status = { observedGeneration: -1 }

function withCondition(type: string, status: string): Status {
  const condition = {
    type,
    status,
    reason: 'ConfigurationChanged',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  return { ...EXISTS, conditions: [condition] }
}
const OPEN = withCondition('ReplacementRequired', 'True')

const webhook = (more: Spec): Spec => ({ webhook: { ...WEBHOOK.webhook, ...more } })
const kinesis = (more: Spec): Spec => ({ kinesis: { ...KINESIS.kinesis, ...more } })
const FROM_SECRET = { webhook: { destinationSecretRef: SECRET_REF } }
const OTHER_URL = webhook({ destination: 'https://other.example.com' })

/** Everything that Twilio cannot change, one at a time. */
const LOCKED: [did: string, before: Spec, after: Spec, field: string][] = [
  ['change webhook to segment', WEBHOOK, SEGMENT, 'spec'],
  ['change kinesis to webhook', KINESIS, WEBHOOK, 'spec'],
  ['change destination', WEBHOOK, OTHER_URL, 'spec.webhook.destination'],
  ['change method', WEBHOOK, webhook({ method: 'GET' }), 'spec.webhook.method'],
  ['change batchEvents', WEBHOOK, webhook({ batchEvents: true }), 'spec.webhook.batchEvents'],
  [
    'change arn',
    KINESIS,
    kinesis({ arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/b' }),
    'spec.kinesis.arn',
  ],
  [
    'change roleArn',
    KINESIS,
    kinesis({ roleArn: 'arn:aws:iam::123456789012:role/b' }),
    'spec.kinesis.roleArn',
  ],
  ['change externalId', KINESIS, kinesis({ externalId: 'other' }), 'spec.kinesis.externalId'],
  ['change writeKey', SEGMENT, { segment: { writeKey: 'other' } }, 'spec.segment.writeKey'],
]

const LOCK: ChangeRow[] = LOCKED.flatMap(([did, before, after, field]) => [
  { did, kind: 'Sink', before, status: EXISTS, after, refused: `${field}: Forbidden` },
  { did: `${did} before the sink exists`, kind: 'Sink', before, status: NEW, after },
  { did: `${did} while the lock is open`, kind: 'Sink', before, status: OPEN, after },
])

function sink(did: string, before: Spec, after: Spec, { status = EXISTS, refused = '' } = {}): ChangeRow {
  return { did, kind: 'Sink', before, status, after, ...(refused === '' ? {} : { refused }) }
}

const destinationRefused = 'spec.webhook.destination: Forbidden'

const FURTHER: ChangeRow[] = [
  sink('change nothing', WEBHOOK, WEBHOOK),
  sink('write defaults out', WEBHOOK, webhook({ method: 'POST', batchEvents: false })),
  sink('edit the description', WEBHOOK, { ...WEBHOOK, description: 'Edited' }),
  sink('suspend and orphan', WEBHOOK, { ...WEBHOOK, suspend: true, deletionPolicy: 'Orphan' }),
  sink('move destination to a Secret', WEBHOOK, FROM_SECRET),
  sink('move destination out of a Secret', FROM_SECRET, WEBHOOK),
  sink('name another Secret', FROM_SECRET, {
    webhook: { destinationSecretRef: { name: 'other', key: 'value' } },
  }),
  sink(
    'move externalId to a Secret',
    KINESIS,
    kinesis({ externalId: undefined, externalIdSecretRef: SECRET_REF }),
  ),
  sink('move writeKey to a Secret', SEGMENT, { segment: { writeKeySecretRef: SECRET_REF } }),
  sink('change destination while Ready', WEBHOOK, OTHER_URL, {
    status: withCondition('Ready', 'True'),
    refused: destinationRefused,
  }),
  sink('change destination with the lock closed again', WEBHOOK, OTHER_URL, {
    status: withCondition('ReplacementRequired', 'False'),
    refused: destinationRefused,
  }),
  sink(
    'change destination and move method',
    WEBHOOK,
    { webhook: { destinationSecretRef: SECRET_REF, method: 'GET' } },
    { refused: 'spec.webhook.method: Forbidden' },
  ),
]

const MAIN = { ...WEBHOOK, accountRef: { name: 'main' } }
const ELSEWHERE = { ...WEBHOOK, accountRef: { name: 'main', namespace: 'platform' } }
const accountRefused = 'spec.accountRef: Forbidden'

const ACCOUNT_REFERENCES: ChangeRow[] = [
  sink('keep accountRef', ELSEWHERE, ELSEWHERE),
  sink('set accountRef', WEBHOOK, MAIN, { refused: accountRefused }),
  sink('take accountRef out', MAIN, WEBHOOK, { refused: accountRefused }),
  sink('change the namespace of accountRef', MAIN, ELSEWHERE, { refused: accountRefused }),
  sink('change accountRef while the lock is open', MAIN, ELSEWHERE, {
    status: OPEN,
    refused: accountRefused,
  }),
  sink('change accountRef before the sink exists', MAIN, ELSEWHERE, { status: NEW }),
]

const importing = (sid: string): Spec => ({ ...WEBHOOK, import: { sid }, deletionPolicy: 'Orphan' })
const importRefused = 'spec.import.sid: Forbidden'

const IMPORTS: ChangeRow[] = [
  sink('import the sink it has', WEBHOOK, importing(SINK_SID)),
  sink('import the sink it has, in capitals', WEBHOOK, importing(`DG${'AB'.repeat(16)}`), {
    status: { ...EXISTS, sid: `DG${'ab'.repeat(16)}` },
  }),
  sink('import another sink than it has', WEBHOOK, importing(OTHER_SINK_SID), { refused: importRefused }),
  sink('change the import to another sink', importing(SINK_SID), importing(OTHER_SINK_SID), {
    refused: importRefused,
  }),
  sink('take the import out', importing(SINK_SID), { ...WEBHOOK, deletionPolicy: 'Orphan' }),
  sink('edit beside an import that was wrong before', importing(OTHER_SINK_SID), {
    ...importing(OTHER_SINK_SID),
    description: 'Edited',
  }),
  sink('correct an import that was wrong before', importing(OTHER_SINK_SID), importing(SINK_SID)),
  sink('change the import before the sink exists', importing(SINK_SID), importing(OTHER_SINK_SID), {
    status: NEW,
  }),
]

const PINNED: ChangeRow[] = [
  {
    did: 'change the account SID',
    kind: 'TwilioAccount',
    before: {},
    status: NEW,
    after: { accountSid: OTHER_ACCOUNT_SID },
    refused: 'spec.accountSid: Forbidden',
  },
  {
    did: 'write the account SID in capitals',
    kind: 'TwilioAccount',
    before: { accountSid: `AC${'ab'.repeat(16)}` },
    status: NEW,
    after: { accountSid: `AC${'AB'.repeat(16)}` },
  },
  {
    did: 'change the credentials',
    kind: 'TwilioAccount',
    before: {},
    status: NEW,
    after: { credentialsSecretRef: { name: 'other' } },
  },
]

export const CHANGE_ROWS = [...LOCK, ...FURTHER, ...ACCOUNT_REFERENCES, ...IMPORTS, ...PINNED]
