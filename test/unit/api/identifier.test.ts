import { expect, test } from 'vitest'
import {
  ACCOUNT_SID_RULE,
  EXTERNAL_ID_FORMAT,
  ROLE_ARN_FORMAT,
  SINK_SID_RULE,
  STREAM_ARN_FORMAT,
  WRITE_KEY_FORMAT,
} from '../../../src/api/identifier.ts'
import { problemOf, type ValueFormat } from '../../../src/api/value-rule.ts'
import { VALID_ACCOUNT_SID, ROLE_ARN, SINK_SID, STREAM_ARN } from './objects.ts'

type Row = [name: string, format: ValueFormat, good: string[], bad: string[]]

const ROWS: Row[] = [
  [
    'a sink SID',
    { maxLength: 34, patterns: [SINK_SID_RULE] },
    [SINK_SID, `DG${'aF'.repeat(16)}`],
    [
      '',
      'DG',
      `${SINK_SID}0`,
      `DG${'g'.repeat(32)}`,
      VALID_ACCOUNT_SID,
      SINK_SID.toLowerCase(),
      `${SINK_SID}\n`,
    ],
  ],
  [
    'an account SID',
    { maxLength: 34, patterns: [ACCOUNT_SID_RULE] },
    [VALID_ACCOUNT_SID],
    ['', SINK_SID, `${VALID_ACCOUNT_SID}\n`],
  ],
  [
    'a stream ARN of any partition',
    STREAM_ARN_FORMAT,
    [
      STREAM_ARN,
      'arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a',
      'arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/a.b_c-d',
      'arn:aws-iso-b:kinesis:us-isob-east-1:123456789012:stream/a',
    ],
    [
      '',
      ROLE_ARN,
      'arn:aws:kinesis:us-east-1:12345:stream/a',
      'arn:aws:kinesis:us-east-1:123456789012:stream/',
      'arn:aws:kinesis::123456789012:stream/a',
      'arn:gcp:kinesis:us-east-1:123456789012:stream/a',
      `${STREAM_ARN}\n`,
    ],
  ],
  [
    'a role ARN of any partition',
    ROLE_ARN_FORMAT,
    [ROLE_ARN, 'arn:aws-cn:iam::123456789012:role/path/to/Role+=,.@_-x'],
    [
      '',
      STREAM_ARN,
      'arn:aws:iam::123456789012:user/x',
      'arn:aws:iam:us-east-1:123456789012:role/x',
      'arn:aws:iam::123456789012:role/',
    ],
  ],
  [
    'an external id',
    EXTERNAL_ID_FORMAT,
    ['ab', 'a:b/c@d.e,f=g+h_i-j', 'x'.repeat(1224)],
    ['', 'a', 'a b', 'secret\n', 'ü-umlaut', 'x'.repeat(1225)],
  ],
  ['a write key', WRITE_KEY_FORMAT, ['a', 'AbC123!~'], ['', 'a b', 'key\n', 'schlüssel', 'x'.repeat(257)]],
]

const CASES = ROWS.flatMap(([name, format, good, bad]) => [
  ...good.map((value) => ({ name, format, value, well: true })),
  ...bad.map((value) => ({ name, format, value, well: false })),
])

test.for(CASES)('$name: $value is well formed: $well', ({ format, value, well }) => {
  expect(problemOf(value, format) === undefined).toBe(well)
})

test('a message never quotes the value, which may be a secret', () => {
  for (const format of [EXTERNAL_ID_FORMAT, WRITE_KEY_FORMAT])
    expect(problemOf('canary canary', format)).not.toContain('canary')
})
