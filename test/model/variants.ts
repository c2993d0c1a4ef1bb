import type { Edit } from './product.ts'

/** A wording of the design that was once otherwise, and led to a duplicate, a leak or a state without an end. */
export interface ModelVariant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** The world that must find it. */
  readonly world: string
}

const TARGET = 'src/sink/target.ts'
const LIVING = 'src/sink/classify-living.ts'
const FACTS = 'src/reconciler/observe/snapshot-facts.ts'
const TRUST = 'src/reconciler/observe/account-trust.ts'
const RECORDED = 'src/reconciler/account/sinks-of-account.ts'
const CREATE = 'src/reconciler/effects/create-sink.ts'
const RECHECK = 'src/reconciler/effects/recheck.ts'
const CREATED = 'src/sink/created-table.ts'

const edit = (file: string, from: string, to: string): Edit => ({ file, from, to })

export const MODEL_VARIANTS: readonly ModelVariant[] = [
  {
    name: 're-creation while the old SID is still recorded',
    world: 'vanished',
    edits: [
      edit(
        TARGET,
        'const made = successors(o)\n',
        'const made = status.sid === undefined ? successors(o) : []\n',
      ),
    ],
  },
  {
    name: 'creation after the settle time on an old LIST',
    world: 'create on old LISTs',
    edits: [
      edit(
        FACTS,
        'views.filter(({ snapshot }) => listedSince(snapshot.lists, settlesAt))',
        'views.filter(() => s.clock.monotonic() >= settlesAt)',
      ),
      edit(FACTS, 'above: number - 1, since: settlesAt }', 'above: number - 1, since: 0 }'),
    ],
  },
  {
    name: 'proof gathered inside the settle time that ripens by waiting',
    world: 'lagging 404',
    edits: [
      edit(
        FACTS,
        'recordedGone: gone?.confirmed ?? false',
        'recordedGone: gone !== undefined && s.clock.monotonic() >= gone.from && importGone(snapshot, sid)',
      ),
    ],
  },
  {
    name: 'a witness by declared account SID',
    world: 'one account SID, a foreign key, released',
    edits: [
      edit(FACTS, '(entry.name === own || entry.kin.has(key))', '(entry.name === own || key !== undefined)'),
      edit(TRUST, 'kin.has(attempt.key) ||', 'kin.has(attempt.key) || true ||'),
    ],
  },
  {
    name: 'a journal that somebody has made up, believed',
    world: 'a tenant writes what its role lets it',
    edits: [edit(RECORDED, 'attested: attempt.through === name', 'attested: attempt.number > 0')],
  },
  {
    name: 'a first sink whose key is no witness for it',
    world: 'fresh account, one key',
    edits: [
      edit(
        TRUST,
        '(key !== undefined && kin.has(key)) || witnesses.haveShown(kin, sid)',
        'key === undefined && witnesses.haveShown(kin, sid)',
      ),
    ],
  },
  {
    name: 'any key believed to be of the account',
    world: 'wrong key, then the right one',
    edits: [
      edit(TRUST, '(key !== undefined && kin.has(key)) || witnesses.haveShown(kin, sid)', 'key !== sid'),
    ],
  },
  {
    name: 'a re-created name taken for a newborn one',
    world: 'replaced under its name',
    edits: [
      edit(
        'src/reconciler/memory/name-records.ts',
        'before === undefined || before.gone ? 0 : before.at + settle',
        '0',
      ),
    ],
  },
  {
    name: 'a stripped finalizer under suspend',
    world: 'stripped under suspend',
    edits: [
      edit(
        LIVING,
        'if (!object.finalizer && reachedTwilio)',
        'if (!object.finalizer && reachedTwilio && !object.suspend)',
      ),
    ],
  },
  {
    name: 'an open attempt whose accountRef changes, living',
    world: 'another account in doubt',
    edits: [edit(LIVING, 'if (other !== undefined)\n', 'if (other !== undefined && !other.inDoubt)\n')],
  },
  {
    name: 'an open attempt whose accountRef changes, deleting',
    world: 'another account in doubt, deleting',
    edits: [
      edit(
        'src/sink/classify-deleting.ts',
        'if (other !== undefined) {',
        'if (other !== undefined && !other.inDoubt) {',
      ),
    ],
  },
  {
    name: "another account's key while in doubt",
    world: "another account's key in doubt",
    edits: [
      edit(
        FACTS,
        'listed.filter((entry) => attemptAbsenceTrusted(entry, { object, number, key }))',
        '[...listed]',
      ),
      edit(
        'src/account/hold.ts',
        'const attempts = evidence.openAttempts.map',
        'const attempts = ([] as typeof evidence.openAttempts).map',
      ),
    ],
  },
  {
    name: 'a claim decided on the snapshot of another key',
    world: 'another key at the slot',
    edits: [
      edit(
        CREATE,
        'const { connection } = decided.observed\n',
        `const { entry } = decided.observed
  await entry?.connection?.api.writes.withCreateSlot(async () => undefined)
  const connection = entry?.connection
`,
      ),
      edit(CREATE, 'const again = await decideAgain(s, decided)', 'const again = decided'),
      edit(
        CREATE,
        'const { entry, connection } = observed\n',
        'const { entry } = observed\n  const connection = entry?.connection\n',
      ),
    ],
  },
  {
    name: 'an old cluster deleting or re-marking what was taken over',
    world: 'taken over',
    edits: [edit(RECHECK, '    await lookAt(s, entry, { sid, connection, through: change })\n', '')],
  },
  {
    name: 'an old cluster re-creating what was taken over',
    world: 'taken over before the record',
    edits: [edit(LIVING, 'if (installation === undefined) return undefined', 'return undefined')],
  },
  {
    name: 'take-over with two old sinks',
    world: 'two old sinks',
    edits: [edit(TARGET, "if (free.length > 1) return { kind: 'several', sids: sidsOf(free) }", '')],
  },
  {
    name: 'the surplus rule deleting a recorded sink',
    world: 'surplus',
    edits: [
      edit(CREATED, "found.uid !== o.uid) return 'LeftToMark'", "found.uid !== o.uid) return 'Surplus'"),
    ],
  },
  {
    name: 'an import beside an own mark',
    world: 'import beside its own',
    edits: [edit(TARGET, 'if (beside) return', 'if (beside && sink.sid === importSid) return')],
  },
  {
    name: 'a rename re-marking what a living object has recorded',
    world: 'rename',
    edits: [
      edit(
        TARGET,
        "return free.kind === 'ours' ? { kind: 'to-take-over', sink, mark } : free",
        "return free.kind === 'several' ? free : { kind: 'to-take-over', sink, mark }",
      ),
      edit(
        FACTS,
        'names.keyOfMark(mark.object) === undefined',
        'names.keyOfMark(mark.object) !== mark.object',
      ),
    ],
  },
  {
    name: "a second object's deletion taking a shared sink",
    world: 'shared sink',
    edits: [
      edit(
        TARGET,
        "return better === undefined ? { kind: 'ours', sink, difference }",
        "return better === undefined || o.object.status.sid === sink.sid ? { kind: 'ours', sink, difference }",
      ),
    ],
  },
  {
    name: 'many sinks that vanish at once and are created again',
    world: 'mass disappearance',
    edits: [
      edit(
        'src/account/hold.ts',
        'const vanished = massOf(known, witnessed, evidence)',
        'const vanished = massOf(known, [], evidence)',
      ),
    ],
  },
  {
    name: 'one LIST of several pages as proof',
    world: 'several pages',
    edits: [edit('src/account/absence.ts', 'return latest.pages === 1 ||', 'return latest.pages >= 1 ||')],
  },
  {
    name: 'a CRD that takes its sinks with it',
    world: 'CRD deleted',
    edits: [
      edit(
        'src/sink/classify-deleting.ts',
        "if (o.crdDeleting) return { name: 'Orphaned', cause: 'crd' }",
        '',
      ),
    ],
  },
  {
    name: "another account's key that shows nothing, believed",
    world: "another account's key",
    edits: [
      edit(
        TRUST,
        '  isWitness(s, entry, recorded) ||\n  isApproved(',
        '  isWitness(s, entry, recorded) || true ||\n  isApproved(',
      ),
      edit(
        'src/account/hold.ts',
        'const unproven = [...unwitnessed, ...attestedOf(attempts, evidence)].filter(isHeld)',
        'const unproven = attestedOf(attempts, evidence).filter(isHeld)',
      ),
    ],
  },
  {
    name: 'a claim without a version',
    world: 'two processes, stale caches',
    edits: [
      edit(
        'src/reconciler/metadata-patch.ts',
        "    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },\n",
        "    ...(resourceVersion === '' ? [] : []),\n",
      ),
    ],
  },
  {
    name: 'a SID that is recorded without a look',
    world: 'mark taken away before the record',
    edits: [
      edit(
        RECHECK,
        'return lookAndChange(s, { entry, connection }, sid, async (slot) => {',
        `const blind: typeof lookAndChange = (_, known, __, blindly) =>
    connection.api.writes.withChangeSlot((change) => blindly({ ...known, change, notAfter: later(momentOf(s.clock), 1) }))
  return (decided.decision.effect.kind === 'record' ? blind : lookAndChange)(s, { entry, connection }, sid, async (slot) => {`,
      ),
    ],
  },
  {
    name: 'a SID in the status believed without anything that bears it out',
    world: 'a SID written by hand',
    edits: [
      edit(
        TARGET,
        '  isBorneOut({ dateCreated: recordedSince(object.status) }, sink) ||',
        '  true || isBorneOut({ dateCreated: recordedSince(object.status) }, sink) ||',
      ),
    ],
  },
  {
    name: 'what Orphan has let go taken back, whatever it is by now',
    world: 'let go, and applied again as something else',
    edits: [
      edit(
        TARGET,
        'if (difference !== undefined && !isOwnWork(o, mark)) return unlike(sink, difference.members)',
        '',
      ),
    ],
  },
  {
    name: 'a sink of a cluster that is gone told by its configuration',
    world: 'rebuilt, and not as it was',
    edits: [
      edit(
        LIVING,
        'import { wantedDescription, type Difference } from',
        'import { wantedDescription, differenceOf, type Difference } from',
      ),
      edit(
        LIVING,
        'o.snapshot.elsewhere.filter(({ takeOver }) => !takeOver)',
        'o.snapshot.elsewhere.filter(({ takeOver, sink }) => !takeOver && differenceOf(o.desired, sink, []) === undefined)',
      ),
    ],
  },
  {
    name: 'a take-over of what is still as it was alone',
    world: 'rebuilt, listed, and not as it was',
    edits: [
      edit(
        TARGET,
        'const free = snapshot.elsewhere.filter(({ takeOver }) => takeOver)',
        'const free = snapshot.elsewhere.filter(({ takeOver, sink }) => takeOver && differenceOf(o.desired, sink, []) === undefined)',
      ),
    ],
  },
  {
    name: 'a look at the object before the sink is read, when it is surplus',
    world: 'surplus',
    edits: [edit('src/reconciler/effects/after-create.ts', 'if (!deletes(effect)) return false', '')],
  },
]
