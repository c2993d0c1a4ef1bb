import { isNamed } from './test-name.ts'
import type { TextEdit, Variant } from './variant.ts'

const HOLDS_NOTHING: TextEdit = {
  file: 'src/reconciler/account/evaluate-account.ts',
  find: 'entry.hold = nextHold(',
  replace: 'entry.hold = undefined; void nextHold(',
}
const BELIEVES_EVERY_KEY: TextEdit = {
  file: 'src/reconciler/observe/account-trust.ts',
  find: '  isWitness(s, entry, recorded) ||\n  isApproved(',
  replace: '  isWitness(s, entry, recorded) || entry.evaluated ||\n  isApproved(',
}

const TENANTS = 'test/unit/reconciler/tenants.test.ts'

/** Ways to believe, or to tell, too much. */
export const TRUSTING: readonly Variant[] = [
  {
    name: 'every key believed to be of the account, and nothing held',
    breaks: ['C4'],
    edits: [HOLDS_NOTHING, BELIEVES_EVERY_KEY],
    noticedBy: isNamed(
      'test/unit/reconciler/deletions.test.ts',
      'stays when a key that may be of another account sees nothing of its sink',
    ),
  },
  {
    name: 'creates through a key that is not proven',
    breaks: ['C4'],
    edits: [HOLDS_NOTHING, BELIEVES_EVERY_KEY],
    noticedBy: isNamed(
      'test/unit/reconciler/reconciles.test.ts',
      'asks for no LIST after LIST while the key is not proven',
    ),
  },
  {
    name: 'hold rule off: a key that shows nothing',
    breaks: ['C4'],
    edits: [
      {
        file: 'src/account/hold.ts',
        find: 'const unproven = [...unwitnessed, ...attestedOf(attempts, evidence)].filter(isHeld)',
        replace: 'const unproven = [...unwitnessed, ...attestedOf(attempts, evidence)].slice(0, 0)',
      },
    ],
    noticedBy: isNamed(
      'test/unit/account/hold.test.ts',
      'holds as soon as one recorded sink is missing, also one of an object that is being deleted',
    ),
  },
  {
    name: 'hold rule off: sinks that vanish in numbers',
    breaks: ['C4'],
    edits: [
      {
        file: 'src/account/hold.ts',
        find: 'candidates.length >= MASS && candidates.length >= MASS_SHARE * living',
        replace: 'candidates.length > living',
      },
    ],
    noticedBy: isNamed(
      'test/unit/account/hold.test.ts',
      'holds until the last of them is back, and then no longer',
    ),
  },
  {
    name: 'a release that proves: the key is believed for everything recorded',
    breaks: ['F1'],
    edits: [
      {
        file: 'src/reconciler/account/evaluate-account.ts',
        find: '  entry.kin = s.witnesses.kinOf(entry.snapshot.key, { sinks: recorded, keys })\n',
        replace:
          '  entry.kin = s.witnesses.kinOf(entry.snapshot.key, { sinks: recorded, keys })\n' +
          '  if (before?.items.some((item) => item.approved) === true)\n' +
          '    entry.kin = new Set([...entry.kin, ...keys, ...recorded.flatMap(({ key }) => key ?? [])])\n',
      },
    ],
    noticedBy: isNamed(TENANTS, 'proves nothing: what goes missing later is held again'),
  },
  {
    name: 'a witness by declared account SID',
    breaks: ['F1'],
    edits: [
      {
        file: 'src/reconciler/observe/snapshot-facts.ts',
        find: '(entry.name === own || entry.kin.has(key))',
        replace: '(entry.name === own || key !== undefined)',
      },
      {
        file: 'src/reconciler/observe/account-trust.ts',
        find: '  kin.has(attempt.key) ||\n',
        replace: '  kin.has(attempt.key) ||\n  true ||\n',
      },
    ],
    noticedBy: isNamed(TENANTS, 'proves no absence of what the owner may have made'),
  },
  {
    name: 'an unverified key as evidence',
    breaks: ['F2'],
    edits: [
      {
        file: 'src/reconciler/memory/account-registry.ts',
        find: '(other.verified && other.kin.has(key))',
        replace: 'other.kin.has(key)',
      },
    ],
    noticedBy: isNamed(TENANTS, 'counts for nothing: a key that Twilio has not accepted says nothing'),
  },
  {
    name: 'limits keyed by account SID alone',
    breaks: ['F4'],
    edits: [
      {
        file: 'src/reconciler/account/read-credential.ts',
        find: 'return verified ? first : `${name} ${key}`',
        replace: 'return verified ? snapshot.accountSid : `${first} ${name} ${key}`',
      },
    ],
    noticedBy: isNamed(
      TENANTS,
      'shares no limits with the owner, while nothing shows that the keys are of one account',
    ),
  },
  {
    name: 'a credential serves every namespace by default',
    breaks: ['C36'],
    edits: [
      {
        file: 'src/api/twilio-account.ts',
        find: "AllowedNamespaces.default({ from: 'Same' })",
        replace: "AllowedNamespaces.default({ from: 'All' })",
      },
    ],
    noticedBy: isNamed(
      'test/unit/reconciler/memory/account-of-sink.test.ts',
      'serves no other namespace when it %s, since whoever writes Sinks there could spend it',
    ),
  },
  {
    name: 'a long secret is not redacted',
    breaks: ['F22'],
    edits: [
      {
        file: 'src/api/redaction.ts',
        find: 'forms.filter((form) => form.length >= PIECE),',
        replace: 'forms.filter((form) => form.length >= PIECE && form.length < 1_000),',
      },
    ],
    noticedBy: isNamed(
      'test/contract/twilio/hostile-answers.test.ts',
      'stays certain although it quotes a secret of %d characters, and keeps it to itself',
    ),
  },
  {
    name: 'of what a webhook quotes, only whole values are taken out',
    breaks: ['F62'],
    edits: [
      {
        file: 'src/reconciler/effects/refused-write.ts',
        find: 'createRedaction(secrets)(said)',
        replace: "createRedaction([])(secrets.reduce((text, secret) => text.replaceAll(secret, ''), said))",
      },
    ],
    noticedBy: isNamed(
      'test/unit/reconciler/effects/refused-write.test.ts',
      'shows nothing of a secret, also where %s',
    ),
  },
  {
    name: 'whatever a webhook calls a field is shown',
    breaks: ['F65'],
    edits: [
      {
        file: 'src/kubernetes/client/failure.ts',
        find: "(FIELD.test(field) ? field : 'an odd field')",
        replace: "(FIELD.test(field) || field !== '' ? field : 'an odd field')",
      },
    ],
    noticedBy: isNamed(
      'test/contract/kubernetes/connection.test.ts',
      'shows no field that is no path, since a webhook may write anything there',
    ),
  },
  {
    name: "Twilio's words shown whatever the value is from",
    breaks: ['F24'],
    edits: [
      {
        file: 'src/sink/messages.ts',
        find: 'boolean => fromSecret.length === 0',
        replace: 'boolean => fromSecret.length >= 0',
      },
    ],
    noticedBy: isNamed(
      'test/unit/external/failure.test.ts',
      'is our meaning where a value comes from a Secret, since Twilio may quote a part of it',
    ),
  },
  {
    name: 'labels that every object has by birth',
    breaks: ['F25'],
    edits: [
      {
        file: 'src/reconciler/memory/account-of-sink.ts',
        find: 'Object.hasOwn(labels, key) ? labels[key] : undefined',
        replace: 'labels[key]',
      },
    ],
    noticedBy: isNamed(
      'test/unit/reconciler/memory/account-of-sink.test.ts',
      'with the key %s selects no namespace without such a label, or it would select every one',
    ),
  },
  {
    name: 'the words of a parser about a kubeconfig',
    breaks: ['F41'],
    edits: [
      {
        file: 'src/kubernetes/client/kubeconfig-files.ts',
        find: '${nameOf(path)} ${whatIsWrong(error)}`',
        replace: '${nameOf(path)} ${whatIsWrong(error)} ${String(error)}`',
      },
    ],
    noticedBy: isNamed(
      'test/contract/kubernetes/kubeconfig.test.ts',
      'by %s is named with the line, and nothing of it is quoted',
    ),
  },
  {
    name: 'a secret in a log line: nothing is redacted',
    breaks: ['C37'],
    edits: [
      {
        file: 'src/twilio/send-once.ts',
        find: 'createRedaction([...secretsOfCredential(credential), ...(call.secrets?.() ?? [])])(text)',
        replace: 'createRedaction([])(text)',
      },
    ],
    noticedBy: isNamed('test/contract/twilio/silence.test.ts', 'holds no secret after %s'),
  },
  {
    name: 'goes on over the connections beside one that fell silent',
    breaks: ['C25'],
    edits: [
      {
        file: 'src/kubernetes/client/connection.ts',
        find: 'if (isSilence(error) && call.signal?.aborted !== true) this.#transports.abandon(transport)',
        replace: 'if (isSilence(error) && transport === undefined) this.#transports.abandon(transport)',
      },
    ],
    noticedBy: isNamed(
      'test/contract/kubernetes/connection.test.ts',
      'leaves all connections when %s do not come over one: the network may have lost them all',
    ),
  },
  {
    name: 'integer comparison of versions across relists',
    breaks: ['C25'],
    edits: [
      {
        file: 'src/kubernetes/cache/object-cache.ts',
        find: '    const entries = new Map(listed.map((seen) => [seen.key, entryOf(seen)]))\n',
        replace:
          '    const entries = new Map(listed.map((seen) => [seen.key, entryOf(seen)]))\n' +
          '    for (const [key, known] of before) if (isNewer(known, entries.get(key))) entries.set(key, known)\n',
      },
    ],
    noticedBy: isNamed(
      'test/contract/kubernetes/list-watch.test.ts',
      'is not deaf after a restore of etcd, when versions begin again lower',
    ),
  },
]
