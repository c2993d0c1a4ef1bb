import { createRow, type CreateRow, nameOf } from './create-row.ts'
import {
  VALID_ACCOUNT_SID,
  KINESIS,
  ROLE_ARN,
  SECRET_REF,
  SEGMENT,
  SINK_SID,
  sinkManifest,
  STREAM_ARN,
  WEBHOOK,
} from '../../unit/api/objects.ts'

type Spec = Record<string, unknown>

const sink = (did: string, spec: Spec, refused?: string): CreateRow =>
  createRow(did, sinkManifest(nameOf(did), spec), refused)

const webhook = (more: Spec): Spec => ({ webhook: { ...WEBHOOK.webhook, ...more } })
const kinesis = (more: Spec): Spec => ({ kinesis: { ...KINESIS.kinesis, ...more } })

/** What people do not see, or see otherwise than it is. */
const INVISIBLE = [
  ['NUL', '\u0000'],
  ['an escape sequence', '\u001b[31m'],
  ['a line break inside', '\n'],
  ['U+200B', '\u200b'],
  ['U+202E', '\u202e'],
  ['U+2066', '\u2066'],
  ['U+2028', '\u2028'],
  ['U+FEFF', '\ufeff'],
  ['U+E0041', '\u{e0041}'],
] as const

const DESCRIPTIONS: CreateRow[] = [
  sink('description of 200 characters', { ...WEBHOOK, description: '😀'.repeat(200) }),
  sink(
    'description of 201 characters',
    { ...WEBHOOK, description: 'x'.repeat(201) },
    'spec.description: Too long',
  ),
  sink('empty description', { ...WEBHOOK, description: '' }, 'spec.description: Invalid value'),
  sink('blank description', { ...WEBHOOK, description: ' \n\t' }, 'spec.description: Invalid value'),
  sink(
    'description of no-break spaces',
    { ...WEBHOOK, description: '\u00a0\u2003' },
    'spec.description: Invalid value',
  ),
  sink('description of a block of YAML', { ...WEBHOOK, description: 'Orders for 🏭 ️\n' }),
  ...INVISIBLE.map(([what, character]) =>
    sink(
      `description with ${what}`,
      { ...WEBHOOK, description: `Orders${character}.` },
      'spec.description: Invalid value',
    ),
  ),
  sink('no description', { ...WEBHOOK, description: undefined }, 'spec.description: Required value'),
  sink(
    'description with a mark',
    { ...WEBHOOK, description: 'Orders [k8s:abcdef/abcdefghijkl/1]' },
    'spec.description: Invalid value',
  ),
]

const TYPES: CreateRow[] = [
  sink('webhook only', WEBHOOK),
  sink('kinesis only', KINESIS),
  sink('segment only', SEGMENT),
  sink('no type', {}, 'spec: Required value'),
  sink('two types', { ...WEBHOOK, ...SEGMENT }, 'spec: Required value'),
  sink('three types', { ...WEBHOOK, ...SEGMENT, ...KINESIS }, 'spec: Required value'),
]

const CONFIGURATIONS: CreateRow[] = [
  sink('destination from a Secret', { webhook: { destinationSecretRef: SECRET_REF } }),
  sink('no destination', { webhook: {} }, 'spec.webhook: Required value'),
  sink('two destinations', webhook({ destinationSecretRef: SECRET_REF }), 'spec.webhook: Required value'),
  sink(
    'destination without a scheme',
    webhook({ destination: 'hooks.example.com/twilio' }),
    'spec.webhook.destination: Forbidden',
  ),
  sink(
    'destination with port 99999',
    webhook({ destination: 'https://hooks.example.com:99999' }),
    'spec.webhook.destination: Forbidden',
  ),
  sink(
    'destination is a Service',
    webhook({ destination: 'http://hooks.shop.svc:8080' }),
    'spec.webhook.destination: Forbidden',
  ),
  sink(
    'destination on a private network',
    webhook({ destination: 'https://10.0.0.1' }),
    'spec.webhook.destination: Forbidden',
  ),
  sink(
    'destination too long',
    webhook({ destination: `https://a.example/${'x'.repeat(2048)}` }),
    'spec.webhook.destination: Too long',
  ),
  sink('method GET', webhook({ method: 'GET' })),
  sink('method in lower case', webhook({ method: 'post' }), 'spec.webhook.method: Unsupported value'),
  sink('batching', webhook({ batchEvents: true })),
  sink(
    'stream in China',
    kinesis({
      arn: 'arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a',
      roleArn: 'arn:aws-cn:iam::123456789012:role/a',
    }),
  ),
  sink('stream ARN of a role', kinesis({ arn: ROLE_ARN }), 'spec.kinesis.arn: Forbidden'),
  sink('no stream ARN', kinesis({ arn: undefined }), 'spec.kinesis.arn: Required value'),
  sink('role ARN of a stream', kinesis({ roleArn: STREAM_ARN }), 'spec.kinesis.roleArn: Forbidden'),
  sink('no role ARN', kinesis({ roleArn: undefined }), 'spec.kinesis.roleArn: Required value'),
  sink('external id from a Secret', kinesis({ externalId: undefined, externalIdSecretRef: SECRET_REF })),
  sink('no external id', kinesis({ externalId: undefined }), 'spec.kinesis: Required value'),
  sink('two external ids', kinesis({ externalIdSecretRef: SECRET_REF }), 'spec.kinesis: Required value'),
  sink('external id with a blank', kinesis({ externalId: 'a b' }), 'spec.kinesis.externalId: Forbidden'),
  sink(
    'external id too long',
    kinesis({ externalId: 'x'.repeat(1225) }),
    'spec.kinesis.externalId: Too long',
  ),
  sink('write key from a Secret', { segment: { writeKeySecretRef: SECRET_REF } }),
  sink('no write key', { segment: {} }, 'spec.segment: Required value'),
  sink(
    'two write keys',
    { segment: { writeKey: 'a', writeKeySecretRef: SECRET_REF } },
    'spec.segment: Required value',
  ),
  sink('write key with a line break', { segment: { writeKey: 'key\n' } }, 'spec.segment.writeKey: Forbidden'),
]

const REFERENCES: CreateRow[] = [
  sink('account in another namespace', { ...WEBHOOK, accountRef: { name: 'main', namespace: 'platform' } }),
  sink(
    'account with a slash',
    { ...WEBHOOK, accountRef: { name: 'platform/main' } },
    'spec.accountRef.name: Forbidden',
  ),
  sink(
    'account namespace with a dot',
    { ...WEBHOOK, accountRef: { name: 'main', namespace: 'a.b' } },
    'spec.accountRef.namespace: Forbidden',
  ),
  sink('account without a name', { ...WEBHOOK, accountRef: {} }, 'spec.accountRef.name: Required value'),
  sink(
    'Secret without a key',
    { segment: { writeKeySecretRef: { name: 'values' } } },
    'spec.segment.writeKeySecretRef.key: Required value',
  ),
]

const misnamed = (type: string, member: string, rest: Spec = {}): CreateRow[] =>
  [
    { part: 'name', ref: { name: 'Values', key: 'key' } },
    { part: 'key', ref: { name: 'values', key: 'a/b' } },
  ].map(({ part, ref }) =>
    sink(
      `wrong ${part} in ${member}`,
      { [type]: { ...rest, [member]: ref } },
      `spec.${type}.${member}.${part}: Forbidden`,
    ),
  )

const SECRET_REFERENCES: CreateRow[] = [
  ...misnamed('webhook', 'destinationSecretRef'),
  ...misnamed('kinesis', 'externalIdSecretRef', { arn: STREAM_ARN, roleArn: ROLE_ARN }),
  ...misnamed('segment', 'writeKeySecretRef'),
]

const POLICIES: CreateRow[] = [
  sink('policy Delete', { ...WEBHOOK, deletionPolicy: 'Delete' }),
  sink('policy Orphan', { ...WEBHOOK, deletionPolicy: 'Orphan' }),
  sink('unknown policy', { ...WEBHOOK, deletionPolicy: 'Retain' }, 'spec.deletionPolicy: Unsupported value'),
  sink('misspelt field', { ...WEBHOOK, deletionPolicies: 'Orphan' }, 'Error from server (BadRequest)'),
  sink('suspended', { ...WEBHOOK, suspend: true }),
  sink('import with policy', { ...WEBHOOK, import: { sid: SINK_SID }, deletionPolicy: 'Delete' }),
  sink(
    'import without policy',
    { ...WEBHOOK, import: { sid: SINK_SID } },
    'spec.deletionPolicy: Required value',
  ),
  sink(
    'import of an account',
    { ...WEBHOOK, import: { sid: VALID_ACCOUNT_SID }, deletionPolicy: 'Orphan' },
    'spec.import.sid: Forbidden',
  ),
  sink(
    'import without a SID',
    { ...WEBHOOK, import: {}, deletionPolicy: 'Orphan' },
    'spec.import.sid: Required value',
  ),
]

export const SINK_ROWS = [
  ...DESCRIPTIONS,
  ...TYPES,
  ...CONFIGURATIONS,
  ...REFERENCES,
  ...SECRET_REFERENCES,
  ...POLICIES,
]
