import {
  HOME_ACCOUNT_SID,
  accountNamed,
  CLUSTER,
  externalAtFirst,
  ORDERS,
  AWAY_ACCOUNT_SID,
  PLAIN,
  recordedAtFirst,
  sinkNamed,
} from './beginnings.ts'
import {
  apply,
  deleteCrd,
  describeAtTwilio,
  edit,
  forceAway,
  forgeJournal,
  HERE,
  loseStatus,
  afterTheCrash,
  allowMassChange,
  patiently,
  removeAllAtTwilio,
  remove,
  removeAtTwilio,
  setSecret,
  strip,
  writeSid,
} from './people.ts'
import { installationMark } from './rules.ts'
import type { State, TwilioSink } from './state.ts'
import { exists, shortSid } from './twilio.ts'
import type { Cluster, ModelPerson, ModelWorld } from './world.ts'

const KEY = { TWILIO_API_KEY: `SK${'1'.repeat(32)}`, TWILIO_API_SECRET: 'secret' }
const OTHER_KEY = { TWILIO_API_KEY: `SK${'2'.repeat(32)}`, TWILIO_API_SECRET: 'secret' }
/** Another key of the first account. */
const NEW_KEY = { TWILIO_API_KEY: `SK${'3'.repeat(32)}`, TWILIO_API_SECRET: 'secret' }
const KEYS = {
  [KEY.TWILIO_API_KEY]: HOME_ACCOUNT_SID,
  [OTHER_KEY.TWILIO_API_KEY]: AWAY_ACCOUNT_SID,
  [NEW_KEY.TWILIO_API_KEY]: HOME_ACCOUNT_SID,
}

const world = (name: string, looksFor: string, by: Partial<ModelWorld>): ModelWorld => ({
  ...PLAIN,
  ...by,
  name,
  looksFor,
})

const here = (by: Partial<Cluster>): Pick<ModelWorld, 'clusters'> => ({
  clusters: { here: { ...CLUSTER, ...by } },
})

/** An object whose sink is there and recorded. */
const DG1 = externalAtFirst(1, { owner: ORDERS })
const SETTLED = {
  ...here({ sinks: { [ORDERS]: recordedAtFirst(sinkNamed('orders'), DG1) } }),
  external: [DG1],
}

const PAYMENTS = 'shop/payments'
const DG2 = externalAtFirst(2, { owner: PAYMENTS, account: AWAY_ACCOUNT_SID })

/** One more than the smallest number that counts as a mass. */
const MANY = ['orders', 'a', 'b', 'c', 'd', 'e'].map((name, index) => {
  const key = `shop/${name}`
  const dg = externalAtFirst(index + 1, { owner: key })
  return { key, dg, sink: recordedAtFirst(sinkNamed(name), dg) }
})

const afterAll = (one: ModelPerson): ModelPerson => ({
  ...one,
  act: (state) => (state.twilio.sinks.length > 0 || state.tick < 3 ? undefined : one.act(state)),
})
const UNMARKED = externalAtFirst(1)
const HAND_MADE = externalAtFirst(2)
const ELSEWHERE = {
  webhook: { destination: 'https://b.example.com/', method: 'POST', batchEvents: false },
} as const

/** What must stay as it is. */
function changed({ twilio }: State, { sid, description }: TwilioSink): string | undefined {
  const sink = twilio.sinks.find((one) => one.sid === sid && exists(one))
  if (sink === undefined) return `lost: ${shortSid(sid)} is deleted, which is nobody's to delete`
  return sink.description === description ? undefined : `wrong one: ${shortSid(sid)} is changed`
}
const made = ({ twilio }: State, most: number): string | undefined =>
  twilio.made > most ? 'two: a sink is made beside the one that is there' : undefined
const isDone = ({ budget }: State, beginning: string): boolean =>
  Object.entries(budget).some(([name, left]) => name.startsWith(beginning) && left === 0)
const beforeAnyObject = (one: ModelPerson): ModelPerson => ({
  ...one,
  act: (state) => (state.clusters[HERE]?.versions[ORDERS] === undefined ? one.act(state) : undefined),
})
const importing = (name: string) =>
  sinkNamed(name, { import: { sid: UNMARKED.sid }, deletionPolicy: 'Delete' })

const TWO_ACCOUNTS = {
  accounts: {
    'shop/default': accountNamed('default'),
    'shop/other': accountNamed('other', {
      accountSid: AWAY_ACCOUNT_SID,
      credentialsSecretRef: { name: 'other' },
    }),
  },
  secrets: {
    'shop/twilio': { TWILIO_AUTH_TOKEN: 'token' },
    'shop/other': { TWILIO_AUTH_TOKEN: 'token' },
  },
}

/** The cluster was built again from Git: the same objects, another installation, the same account. */
const takingOver = (...installations: string[]): Cluster => ({
  ...CLUSTER,
  accounts: {
    'shop/default': accountNamed('default', {
      otherInstallations: installations.map((id) => ({ id: installationMark(id), treatAs: 'TakeOver' })),
    }),
  },
})

export const WORLDS: readonly ModelWorld[] = [
  world('nobody interferes', 'the normal creation of one sink', {}),
  world('create', 'a second create after a crash, a lost answer or a late one', {
    faults: { crash: 1, late: 1, lag: 1, answerLost: 1 },
  }),
  world('create, killed twice', 'a second create after two crashes', { faults: { crash: 2, late: 1 } }),
  world('create on old LISTs', 'a create after the settle time that is based on an older LIST', {
    faults: { late: 1, outage: 2, lag: 1 },
  }),
  world('create, slow LISTs', 'a LIST that is older than our own write, but is answered after it', {
    faults: { slow: 2, late: 1, crash: 1 },
    ticks: 3,
  }),
  world('create, API server down', 'a claim or a record whose answer is lost', {
    faults: { crash: 1, kubernetesAnswerLost: 1, kubernetesDown: 1, late: 1 },
  }),
  world('create, stripped', 'a create that is forgotten because its journal was removed', {
    faults: { late: 1, answerLost: 1 },
    people: [strip(ORDERS)],
  }),
  world('vanished', 'a re-creation that never ends', {
    ...SETTLED,
    faults: { crash: 1, late: 1, lag: 1 },
    people: [removeAtTwilio('DG1')],
    ticks: 6,
  }),
  world('vanished and deleted', 'a re-created sink that is left behind', {
    ...SETTLED,
    faults: { crash: 1, late: 1 },
    people: [removeAtTwilio('DG1'), remove(ORDERS)],
    ticks: 6,
  }),
  world('lagging 404', 'a proof of absence that was gathered too early', {
    faults: { lag: 2, outage: 2 },
    people: [edit(ORDERS, 'the description', { description: 'New' })],
    ticks: 3,
  }),
  world('deletion', 'a finalizer that is removed before the sink is gone', {
    ...SETTLED,
    faults: { crash: 1, outage: 1, answerLost: 1, requestLost: 1 },
    people: [remove(ORDERS)],
    ticks: 3,
  }),
  world('deletion while creating', 'a finalizer that is removed before a late create takes effect', {
    faults: { crash: 1, late: 1, lag: 1 },
    people: [remove(ORDERS)],
    ticks: 3,
  }),
  world('deletion, slow LISTs', 'a LIST that still shows a deleted sink, or that is older than the DELETE', {
    ...SETTLED,
    faults: { slow: 2, crash: 1, answerLost: 1 },
    people: [remove(ORDERS)],
    ticks: 3,
  }),
  world('suspended, Orphan while deleting', 'a deletion that a person has stopped', {
    ...SETTLED,
    faults: { crash: 1 },
    people: [
      remove(ORDERS),
      edit(ORDERS, 'Orphan', { deletionPolicy: 'Orphan' }),
      edit(ORDERS, 'suspend', { suspend: true }),
    ],
    ends: ['Suspended'],
    orphans: [ORDERS],
    ticks: 3,
  }),
  world('replaced under its name', 'an object re-created under its name that counts as never seen before', {
    faults: { crash: 1, lag: 1, late: 1 },
    people: [afterTheCrash(forceAway(ORDERS)), apply(ORDERS, sinkNamed('orders'))],
    orphans: [ORDERS],
    ticks: 3,
  }),
  world('deleted and applied again', 'a second sink for the second object', {
    faults: { late: 1, crash: 1 },
    people: [remove(ORDERS), apply(ORDERS, sinkNamed('orders'))],
    ticks: 3,
  }),
  world('deleted and applied again, slow LISTs', 'a name that may be used again before its sink is gone', {
    ...SETTLED,
    faults: { slow: 2, lag: 1 },
    people: [remove(ORDERS), apply(ORDERS, sinkNamed('orders'))],
    ticks: 3,
  }),
  world('deleted by somebody and applied again', 'a name that is free only by a claim', {
    faults: { late: 1, lag: 1 },
    people: [removeAtTwilio('DG1'), remove(ORDERS), apply(ORDERS, sinkNamed('orders'))],
    ticks: 3,
  }),
  world('let go, and applied again as something else', 'the deletion of a sink that was left on purpose', {
    ...here({ sinks: { [ORDERS]: recordedAtFirst(sinkNamed('orders', { deletionPolicy: 'Orphan' }), DG1) } }),
    external: [DG1],
    faults: { crash: 1, lag: 1 },
    people: [remove(ORDERS, HERE, 2), apply(ORDERS, sinkNamed('orders', ELSEWHERE))],
    orphans: [ORDERS],
    ends: ['OwnershipConflict', 'ReplacementRequired'],
    never: (state) => changed(state, DG1) ?? made(state, 1),
    ticks: 3,
  }),
  world('mark taken away before the record', 'a sink that is adopted although its mark is gone', {
    ...here({ sinks: {} }),
    external: [DG1],
    faults: { crash: 1 },
    people: [
      patiently(beforeAnyObject(describeAtTwilio('DG1', 'by hand'))),
      apply(ORDERS, sinkNamed('orders')),
      remove(ORDERS),
    ],
    orphans: [ORDERS],
    never: (state) =>
      isDone(state, 'somebody describes DG1')
        ? changed(state, { ...DG1, description: 'by hand' })
        : undefined,
    ticks: 3,
  }),
  world('a SID written by hand', 'a sink of somebody else that is taken because a status names it', {
    ...here({ sinks: { [ORDERS]: recordedAtFirst(sinkNamed('orders'), DG1) } }),
    external: [DG1, HAND_MADE],
    faults: { crash: 1 },
    people: [writeSid(ORDERS, HAND_MADE.sid), remove(ORDERS)],
    orphans: [ORDERS],
    ends: ['OwnershipConflict', 'DuplicateFound'],
    never: (state) => changed(state, HAND_MADE),
    ticks: 3,
  }),
  world('rebuilt, and not as it was', 'a second sink beside the one of the old cluster', {
    ...here({ sinks: { [ORDERS]: sinkNamed('orders', ELSEWHERE) } }),
    external: [externalAtFirst(1, { owner: ORDERS, where: 'old' })],
    faults: { crash: 1, lag: 1 },
    ends: ['MarkedElsewhere'],
    never: (state) => made(state, 1),
    ticks: 3,
  }),
  world('rebuilt, listed, and not as it was', 'a second sink beside the one that is to be taken over', {
    clusters: { here: { ...takingOver('old'), sinks: { [ORDERS]: sinkNamed('orders', ELSEWHERE) } } },
    external: [externalAtFirst(1, { owner: ORDERS, where: 'old' })],
    faults: { crash: 1, lag: 1 },
    ends: ['OwnershipConflict'],
    never: (state) => made(state, 1),
    ticks: 3,
  }),
  world('stripped under suspend', 'a stripped finalizer that is not put back', {
    faults: { late: 1 },
    people: [edit(ORDERS, 'suspend', { suspend: true }), patiently(strip(ORDERS)), patiently(remove(ORDERS))],
    ends: ['Suspended'],
    ticks: 3,
  }),
  world('another account in doubt', 'an open attempt whose accountRef changes', {
    ...here(TWO_ACCOUNTS),
    faults: { late: 1, answerLost: 1 },
    people: [edit(ORDERS, 'accountRef', { accountRef: { name: 'other' } })],
    ends: ['AccountMismatch'],
    ticks: 3,
  }),
  world('another account in doubt, deleting', 'an open attempt whose accountRef changes, during a deletion', {
    ...here(TWO_ACCOUNTS),
    faults: { late: 1 },
    people: [edit(ORDERS, 'accountRef', { accountRef: { name: 'other' } }), remove(ORDERS)],
    ends: ['AccountMismatch'],
    ticks: 3,
  }),
  world("another account's key in doubt", 'absence by what the wrong key shows', {
    ...here({ secrets: { 'shop/twilio': KEY } }),
    keys: KEYS,
    faults: { late: 1 },
    people: [
      setSecret('somebody puts the key of another account into the Secret', OTHER_KEY),
      setSecret('somebody puts the right key back', KEY),
    ],
    ends: ['ChangesHeld'],
    ticks: 3,
  }),
  world('another key at the slot', 'a claim that is based on what another key has shown', {
    ...here({ sinks: { [ORDERS]: sinkNamed('orders') }, secrets: { 'shop/twilio': OTHER_KEY } }),
    external: [DG1],
    keys: KEYS,
    people: [setSecret('somebody puts the right key into the Secret', KEY)],
    slots: true,
    known: ['two accounts'],
    ends: ['NotYetObserved', 'ChangesHeld', 'DuplicateFound', 'Lie'],
    ticks: 2,
  }),
  world('taken over', 'an old cluster that changes or deletes what was taken over', {
    clusters: {
      here: { ...CLUSTER, sinks: { [ORDERS]: recordedAtFirst(sinkNamed('orders'), DG1) } },
      there: takingOver('here'),
    },
    external: [DG1],
    operators: { A: 'here', B: 'there' },
    people: [remove(ORDERS), edit(ORDERS, 'the description', { description: 'New' })],
    ends: ['OwnershipConflict'],
    ticks: 2,
  }),
  world('taken over before the record', 'an old cluster that creates again what was taken over', {
    clusters: { here: CLUSTER, there: takingOver('here') },
    operators: { A: 'here', B: 'there' },
    faults: { crash: 1 },
    ends: ['OwnershipConflict', 'MarkedElsewhere'],
    ticks: 3,
  }),
  world('two old sinks', 'a take-over of two sinks', {
    clusters: { here: takingOver('old', 'older') },
    external: [
      externalAtFirst(1, { owner: ORDERS, where: 'old' }),
      externalAtFirst(2, { owner: ORDERS, where: 'older' }),
    ],
    faults: { lag: 1, crash: 1 },
    people: [removeAtTwilio('DG1')],
    ends: ['Ambiguous'],
    ticks: 3,
  }),
  world('surplus', 'the deletion of a sink that another object has recorded', {
    faults: { kubernetesDown: 1, answerLost: 1 },
    people: [forceAway(ORDERS), apply(ORDERS, sinkNamed('orders'))],
    orphans: [ORDERS],
    slowWatch: true,
    ticks: 2,
  }),
  world('import beside its own', 'an import by an object that has a sink of its own', {
    external: [UNMARKED],
    faults: { late: 1, crash: 1 },
    people: [edit(ORDERS, 'import', { import: { sid: UNMARKED.sid }, deletionPolicy: 'Delete' })],
    ends: ['OwnershipConflict', 'ImportNotFound'],
    ticks: 3,
  }),
  world('import', 'a create by an object that imports, also when the imported sink is deleted', {
    ...here({ sinks: { [ORDERS]: importing('orders') } }),
    external: [UNMARKED],
    faults: { crash: 1, lag: 1 },
    people: [removeAtTwilio('DG1'), strip(ORDERS), patiently(remove(ORDERS))],
    ends: ['ImportNotFound'],
    ticks: 3,
  }),
  world('rename', 'a rename that takes a sink that a living object has recorded', {
    ...here({
      sinks: {
        [ORDERS]: recordedAtFirst(sinkNamed('orders', { deletionPolicy: 'Orphan' }), DG1),
        [PAYMENTS]: sinkNamed('payments', { import: { sid: DG1.sid }, deletionPolicy: 'Delete' }),
      },
    }),
    external: [DG1],
    people: [remove(ORDERS)],
    faults: { crash: 1, lag: 1 },
    ends: ['OwnershipConflict'],
    ticks: 3,
  }),
  world('shared sink', 'the deletion of one of two objects that have recorded one sink', {
    ...here({
      sinks: {
        [ORDERS]: recordedAtFirst(
          sinkNamed('orders', { import: { sid: UNMARKED.sid }, deletionPolicy: 'Delete' }),
          UNMARKED,
          0,
        ),
        [PAYMENTS]: recordedAtFirst(
          sinkNamed('payments', { import: { sid: UNMARKED.sid }, deletionPolicy: 'Delete' }),
          UNMARKED,
          0,
        ),
      },
    }),
    external: [UNMARKED],
    people: [remove(PAYMENTS), strip(ORDERS)],
    faults: { crash: 1 },
    ends: ['OwnershipConflict'],
    ticks: 2,
  }),
  world('CRD deleted', 'sinks that are deleted with their CRD', {
    ...SETTLED,
    faults: { crash: 1, late: 1 },
    people: [remove(ORDERS), deleteCrd()],
    orphans: [ORDERS],
    ticks: 3,
  }),
  world('restored without status', 'a create although the sink exists', {
    ...SETTLED,
    faults: { crash: 1, lag: 1 },
    people: [loseStatus(ORDERS)],
    ticks: 3,
  }),
  world('mark lost or forged', 'a sink whose mark somebody changes', {
    ...SETTLED,
    people: [
      describeAtTwilio('DG1', 'by hand'),
      describeAtTwilio('DG1', 'forged [k8s:aaaaaa/bbbbbbbbbbbb/1]'),
      remove(ORDERS),
    ],
    faults: { crash: 1 },
    ends: ['OwnershipConflict'],
    ticks: 3,
  }),
  world('two processes', 'a frozen leader that wakes up after the takeover', {
    operators: { A: 'here', B: 'here' },
    faults: { freeze: 1, late: 1 },
    ticks: 3,
  }),
  world('two processes, stale caches', 'a second leader that does not know of the claim', {
    operators: { A: 'here', B: 'here' },
    faults: { freeze: 1 },
    slowWatch: true,
    ticks: 2,
  }),
  world('several pages', 'a sink that counts as gone because of one LIST of several pages', {
    pages: 2,
    faults: { late: 1, crash: 1, paging: 1 },
    ticks: 4,
  }),
  world('several pages, vanished', 'a re-creation because one LIST of several pages misses a sink', {
    ...SETTLED,
    pages: 2,
    faults: { crash: 1, paging: 1, lag: 1 },
    people: [edit(ORDERS, 'the description', { description: 'New' })],
    ticks: 4,
  }),
  world("another account's key", 'recorded sinks that vanish because the key changes', {
    ...here({ sinks: SETTLED.clusters.here?.sinks ?? {}, secrets: { 'shop/twilio': KEY } }),
    external: [DG1],
    keys: KEYS,
    faults: { crash: 1 },
    people: [
      setSecret('somebody puts the key of another account into the Secret', OTHER_KEY),
      setSecret('somebody puts the right key back', KEY),
      remove(ORDERS),
    ],
    ends: ['ChangesHeld'],
    ticks: 4,
  }),
  world('mass disappearance', 'many sinks that vanish at once and are created again', {
    ...here({ sinks: Object.fromEntries(MANY.map(({ key, sink }) => [key, sink])) }),
    external: MANY.map(({ dg }) => dg),
    faults: { crash: 1, outage: 1 },
    people: [removeAllAtTwilio(), remove(ORDERS)],
    orderly: true,
    weight: 10,
    ends: ['ChangesHeld'],
    never: ({ twilio, clusters }) =>
      twilio.made > MANY.length
        ? 'two: many sinks vanished at once, and one is created without a release'
        : clusters['here']?.sinks[ORDERS] === undefined && twilio.sinks.length === 0
          ? 'lost: many sinks vanished at once, and an object is let go without a release'
          : undefined,
    ticks: 4,
  }),
  world('mass disappearance, released', 'a release that does not end the hold', {
    ...here({ sinks: Object.fromEntries(MANY.map(({ key, sink }) => [key, sink])) }),
    external: MANY.map(({ dg }) => dg),
    people: [removeAllAtTwilio(), afterAll(allowMassChange())],
    orderly: true,
    weight: 10,
    ends: ['ChangesHeld'],
    ticks: 7,
  }),
  world('credential kept in memory', 'a deletion that cannot end because the Secret was deleted first', {
    ...SETTLED,
    faults: { crash: 1 },
    people: [setSecret('somebody deletes the Secret', undefined), remove(ORDERS)],
    ends: ['AccountNotReady', 'CredentialsRefused'],
    ticks: 3,
  }),
  world('one SID through two accounts', 'an account with the key of another account', {
    ...here({
      ...TWO_ACCOUNTS,
      secrets: { 'shop/twilio': KEY, 'shop/other': OTHER_KEY },
      sinks: {
        [ORDERS]: recordedAtFirst(sinkNamed('orders'), DG1),
        [PAYMENTS]: recordedAtFirst(sinkNamed('payments', { accountRef: { name: 'other' } }), DG2),
      },
    }),
    external: [DG1, DG2],
    keys: KEYS,
    people: [
      setSecret('somebody puts the key of the first account into the second Secret', KEY, 'shop/other'),
      remove(PAYMENTS),
    ],
    orderly: true,
    ends: ['ChangesHeld'],
    ticks: 4,
  }),
  world('fresh account, one key', 'a first sink that cannot be deleted with the key that created it', {
    ...here({ secrets: { 'shop/twilio': KEY } }),
    keys: KEYS,
    faults: { crash: 1, answerLost: 1, lag: 1 },
    people: [patiently(remove(ORDERS))],
  }),
  world('key rotated', 'a key of the same account that is not believed, or one that is believed too soon', {
    ...here({
      sinks: { [ORDERS]: recordedAtFirst(sinkNamed('orders'), DG1) },
      secrets: { 'shop/twilio': KEY },
    }),
    external: [DG1],
    keys: KEYS,
    faults: { crash: 1 },
    people: [
      setSecret('somebody rotates the key', NEW_KEY),
      remove(ORDERS),
      patiently(removeAtTwilio('DG1')),
    ],
    ends: ['ChangesHeld'],
    ticks: 4,
  }),
  world('wrong key, then the right one', 'a sink that the wrong key has created and that is forgotten', {
    ...here({ secrets: { 'shop/twilio': OTHER_KEY } }),
    keys: KEYS,
    faults: { crash: 1 },
    people: [patiently(setSecret('somebody puts the right key into the Secret', KEY)), remove(ORDERS)],
    ends: ['ChangesHeld'],
    ticks: 4,
  }),
  world('one account SID, a foreign key, released', 'absence by what a foreign key shows', {
    ...here({
      accounts: {
        'shop/default': accountNamed('default'),
        'shop/other': accountNamed('other', { credentialsSecretRef: { name: 'other' } }),
      },
      secrets: { 'shop/twilio': KEY, 'shop/other': OTHER_KEY },
      sinks: {
        [ORDERS]: sinkNamed('orders'),
        [PAYMENTS]: sinkNamed('payments', { accountRef: { name: 'other' } }),
      },
    }),
    keys: KEYS,
    people: [patiently(allowMassChange('shop/other'))],
    faults: { answerLost: 1, outage: 2 },
    orderly: true,
    ticks: 4,
  }),
  world('a tenant writes what its role lets it', 'a journal that somebody has forged', {
    ...here({
      sinks: { [ORDERS]: sinkNamed('orders'), [PAYMENTS]: sinkNamed('payments', { suspend: true }) },
      secrets: { 'shop/twilio': KEY },
    }),
    keys: KEYS,
    people: [
      forgeJournal(PAYMENTS, HOME_ACCOUNT_SID),
      edit(PAYMENTS, 'suspend', { suspend: false }),
      patiently(remove(ORDERS)),
    ],
    faults: { crash: 1 },
    orderly: true,
    never: ({ clusters }) => {
      const { sinks = {}, accounts = {} } = clusters['here'] ?? {}
      const held = [sinks[ORDERS], accounts['shop/default']].some((object) =>
        object?.status.conditions.some(
          ({ type, reason }) => type === 'ChangesHeld' || reason === 'ChangesHeld',
        ),
      )
      return held ? 'wrong one: what a tenant wrote on its own object holds another' : undefined
    },
    ends: ['ChangesHeld'],
    ticks: 3,
  }),
  world('refused', 'a create that Twilio refuses, over and over', {
    faults: { refused: 1, crash: 1 },
    people: [edit(ORDERS, 'the description', { description: 'New' })],
    ends: ['CreateRefused'],
    ticks: 3,
  }),
  world('credential refused', 'a sink that counts as gone because of a 401', {
    ...SETTLED,
    faults: { unauthorized: 2, crash: 1 },
    people: [remove(ORDERS)],
    ticks: 3,
  }),
  world('Twilio does not answer', 'actions that are based on data that is too old', {
    ...SETTLED,
    faults: { outage: 5 },
    people: [remove(ORDERS), edit(ORDERS, 'the description', { description: 'New' })],
    ticks: 6,
  }),
  world('second leader while deleting', 'a frozen leader that deletes after the takeover', {
    ...SETTLED,
    operators: { A: 'here', B: 'here' },
    faults: { freeze: 1 },
    people: [remove(ORDERS), apply(ORDERS, sinkNamed('orders'))],
    ticks: 3,
  }),
]
