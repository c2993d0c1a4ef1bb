import { isNamed } from './test-name.ts'
import type { Variant } from './variant.ts'

const RESTARTS = 'test/unit/reconciler/restarts.test.ts'
const RECONCILES = 'test/unit/reconciler/reconciles.test.ts'
const CREATE = 'test/contract/twilio/create.test.ts'
const OLDER = 'test/unit/reconciler/older-crds.test.ts'

const HOLDER = 'test/unit/leader-election/lease-holder.test.ts'
const RACE = 'test/unit/leader-election/elector-race.test.ts'

/** Ways to two sinks, or to one that nobody knows. */
export const CREATING: readonly Variant[] = [
  {
    name: 'create without the annotation',
    breaks: ['C24'],
    edits: [
      {
        file: 'src/reconciler/effects/create-sink.ts',
        find: 'addFinalizerPatch(sink.metadata, attempt)',
        replace: 'addFinalizerPatch(sink.metadata, undefined)',
      },
    ],
    noticedBy: isNamed(RESTARTS, 'keeps a second process, which sees the claim, from sending one of its own'),
  },
  {
    name: 'claim without its preconditions',
    breaks: ['C24'],
    edits: [
      {
        file: 'src/reconciler/metadata-patch.ts',
        find: 'const patch = preconditions(metadata)',
        replace: 'const patch: JsonPatchOperation[] = []',
      },
    ],
    noticedBy: isNamed(
      RECONCILES,
      'waits for the create of another process that claimed the same number first',
    ),
  },
  {
    name: 'create under a CRD that drops the record',
    breaks: ['C27'],
    edits: [
      {
        file: 'src/reconciler/effects/create-sink.ts',
        find: '  await s.crds.assertComplete()\n',
        replace: '',
      },
    ],
    noticedBy: isNamed(OLDER, 'is neither claimed nor created, and is once the CRD is complete'),
  },
  {
    name: 'a sink whose SID was dropped taken for no sink',
    breaks: ['C27'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: '  hasLostItsSid(status) ? 0 :',
        replace: '  hasLostItsSid(status) && false ? 0 :',
      },
    ],
    noticedBy: isNamed(
      OLDER,
      'has one sink although its SID is dropped, also for the next process, and records it afterwards',
    ),
  },
  {
    name: 'POST repeated after a reset',
    breaks: ['C1'],
    edits: [
      {
        file: 'src/twilio/operations.ts',
        find: "{ ...post, name: 'CreateSink', success: [200, 201] }",
        replace: "{ ...post, name: 'CreateSink', success: [200, 201], repeatable: true }",
      },
    ],
    noticedBy: isNamed(CREATE, 'is not repeated after %s'),
  },
  {
    name: 'a lost answer taken as "not created"',
    breaks: ['C9'],
    edits: [
      {
        file: 'src/external/failure.ts',
        find: "=> kind === 'transient'",
        replace: '=> false && kind === undefined',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is adopted when that happens within the settle time, and nothing is created before',
    ),
  },
  {
    name: 'settle time 0',
    breaks: ['C9'],
    edits: [
      {
        file: 'src/reconciler/observe/snapshot-facts.ts',
        find: 'Math.max(seenAt, s.settings.leadingSince()) + settleTimes(times) * s.settings.settle',
        replace: 'Math.max(seenAt, s.settings.leadingSince())',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is adopted when that happens within the settle time, and nothing is created before',
    ),
  },
  {
    name: 'duplicates not looked for',
    breaks: ['C9'],
    edits: [
      {
        file: 'src/sink/report/next-status.ts',
        find: 'if (others.length === 0) return undefined',
        replace: 'if (others.length < 2) return undefined',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is found at the next poll and reported when that happens later still, and never deleted by guess',
    ),
  },
  {
    name: 'no adoption by the mark',
    breaks: ['C1'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: 'mark.number > ended && sink.sid !== object.status.sid',
        replace: 'mark.number < ended && sink.sid !== object.status.sid',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is adopted when the API server takes no status for longer than it is tried',
    ),
  },
  {
    name: 'no settle time for what a dead process has left',
    breaks: ['C1'],
    edits: [
      {
        file: 'src/reconciler/observe/snapshot-facts.ts',
        find: 'Math.max(seenAt, s.settings.leadingSince()) + settleTimes(times) * s.settings.settle',
        replace: 'Math.max(seenAt, s.settings.leadingSince())',
      },
      {
        file: 'src/reconciler/memory/name-records.ts',
        find: 'touched && !journalClosed ? since + settle : since',
        replace: 'since',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is adopted by the next process, although the first LISTs do not show its sink',
    ),
  },
  {
    name: 'creates without an answer are not counted',
    breaks: ['F14'],
    edits: [
      {
        file: 'src/reconciler/observe/create-backoff.ts',
        find: 'if (past.length < REMEMBERED_ATTEMPTS || first === undefined) return undefined',
        replace:
          'if (input.object.status.sid === undefined || past.length < REMEMBERED_ATTEMPTS || first === undefined) return undefined',
      },
    ],
    noticedBy: isNamed(
      'test/unit/reconciler/made-again.test.ts',
      'is sent again after one settle time, then after two, then after four and no more within an hour',
    ),
  },
  {
    name: 'record by merge patch: no preconditions',
    breaks: ['C1'],
    edits: [
      {
        file: 'src/reconciler/effects/write-status.ts',
        find: '      ...preconditions(sink.metadata),\n',
        replace: '',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is not written over what another process has recorded meanwhile, which would be forgotten',
    ),
  },
  {
    name: 'UID not tested in the record patch',
    breaks: ['C1'],
    edits: [
      {
        file: 'src/reconciler/metadata-patch.ts',
        find: "    { op: 'test', path: '/metadata/uid', value: uid },\n",
        replace: '',
      },
    ],
    noticedBy: isNamed(
      RESTARTS,
      'is recorded in no other object, though that has the same version, as after a restore of etcd',
    ),
  },
  {
    name: 'an object without status is taken for a new one',
    breaks: ['C33'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: 'mark.number > ended && sink.sid !== object.status.sid',
        replace: 'ended > 0 && mark.number > ended && sink.sid !== object.status.sid',
      },
    ],
    noticedBy: isNamed(RESTARTS, '%s finds its sink by the mark and creates none'),
  },
  {
    name: 'no leadership check before a write',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/twilio/send-once.ts',
        find: '!parts.mayMutate()',
        replace: 'parts.mayMutate === undefined',
      },
    ],
    noticedBy: isNamed(CREATE, 'is needed for %s'),
  },
  {
    name: 'leadership checked before connecting, not before the send',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/twilio/send-once.ts',
        find: 'return await transport.write(request, () => begin(call))',
        replace: 'begin(call)\n      return await transport.write(request, () => undefined)',
      },
    ],
    noticedBy: isNamed(CREATE, 'is asked after connecting, and a no sends nothing'),
  },
  {
    name: 'a lease that counts from the answer to its renewal',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/leader-election/lease-holder.ts',
        find: 'term.renewed(began)',
        replace: 'term.renewed(this.#options.passed() + 0 * began)',
      },
    ],
    noticedBy: isNamed(HOLDER, 'counts from when a renewal was sent, not from when it was answered'),
  },
  {
    name: 'a leader that looks at its lease only when a timer fires',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/leader-election/lease-holder.ts',
        find: "this.#state === 'holding' && this.#acquired.term.mayMutate()",
        replace: "this.#state === 'holding'",
      },
    ],
    noticedBy: isNamed(HOLDER, 'knows at once after SIGSTOP and SIGCONT'),
  },
  {
    name: 'a lease taken after a quarter of its duration',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/leader-election/lease.ts',
        find: 'Math.max(0, seen.since + seen.duration - now)',
        replace: 'Math.max(0, seen.since + seen.duration / 4 - now)',
      },
    ],
    noticedBy: isNamed(RACE, 'never lead two at a time, and one leads when it is over'),
  },
  {
    name: 'time since the last renewal by the monotonic clock alone',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/time/clock.ts',
        find: 'Math.max(monotonicNow - monotonic, wallNow - wall)',
        replace: 'Math.max(monotonicNow - monotonic, 0 * (wallNow - wall))',
      },
    ],
    noticedBy: isNamed(HOLDER, 'knows at once after a pause of the machine, which stops its monotonic clock'),
  },
  {
    name: 'no leadership check before a write, seen on real processes',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/twilio/send-once.ts',
        find: '!parts.mayMutate()',
        replace: 'parts.mayMutate === undefined',
      },
      // The end of the process has begun by then, and would keep it from sending as well.
      {
        file: 'src/twilio/caller.ts',
        find: "      if (closed.aborted) throw unknownOutcome.unknownOr(notSent('The client was closed'))\n",
        replace: '',
      },
    ],
    noticedBy: isNamed(
      'test/faults/interleavings/leaders.test.ts',
      'frozen leader returning after the takeover',
    ),
  },
  {
    name: 'claim before the slot for the call is there',
    breaks: ['C23'],
    edits: [
      {
        file: 'src/reconciler/effects/create-sink.ts',
        find: '  await journalAttempt(s, observed, number, { name: entry.name, key: connection.key })\n  s.names',
        replace: '  s.names',
      },
      {
        file: 'src/reconciler/effects/create-sink.ts',
        find:
          '  return connection.api.writes.withCreateSlot(async (post) => {\n' +
          '    // The wait for the slot may have been long.\n' +
          '    const again = await decideAgain(s, decided)\n',
        replace:
          '  const { entry } = decided.observed\n' +
          '  const { effect } = decided.decision\n' +
          "  if (entry === undefined || effect.kind !== 'create') return stale\n" +
          '  const through = { name: entry.name, key: connection.key }\n' +
          '  await journalAttempt(s, decided.observed, effect.number, through)\n' +
          '  return connection.api.writes.withCreateSlot(async (post) => {\n' +
          '    const again = decided\n',
      },
    ],
    noticedBy: isNamed(
      'test/faults/interleavings/leaders.test.ts',
      "a leader waiting for a call slot while a standby's clock runs",
    ),
  },
]
