import { ALLOW_MASS_CHANGE_ANNOTATION, CREATE_ATTEMPT_ANNOTATION } from '../../src/api/group.ts'
import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import { clusterIn, edited, put, putAccount, withCluster } from './cluster.ts'
import { WALL } from './setting.ts'
import type { State } from './state.ts'
import { TICK } from './time.ts'
import { described, exists, found, removed } from './twilio.ts'
import type { ModelPerson } from './world.ts'

/** What people do to objects, Secrets and sinks. Each returns undefined where the API server, or the moment, refuses it. */

export const HERE = 'here'
type Spec = Sink['spec']

const timestamp = ({ tick }: State): string => `${new Date(WALL + tick * TICK).toISOString().slice(0, 19)}Z`

const person = (name: string, act: ModelPerson['act'], times = 1): ModelPerson => ({ name, times, act })

/** They come only when the operator has had its time. */
export const patiently = (one: ModelPerson): ModelPerson => ({ ...one, patient: true })

/** They come only when the operator has been killed: what it then has not seen is known to be lost with it. */
export const afterTheCrash = (one: ModelPerson): ModelPerson => ({
  ...one,
  act: (state) => ((state.budget['crash'] ?? 0) > 0 ? undefined : one.act(state)),
})

export const edit = (key: string, what: string, by: Partial<Spec>, where = HERE): ModelPerson =>
  person(`somebody sets ${what} of ${key}`, (state) =>
    edited(state, where, key, (sink) => {
      const spec = { ...sink.spec, ...by }
      return JSON.stringify(spec) === JSON.stringify(sink.spec) ? sink : { ...sink, spec }
    }),
  )

export const remove = (key: string, where = HERE, times = 1): ModelPerson =>
  person(
    `somebody deletes ${key}`,
    (state) =>
      edited(state, where, key, (sink) =>
        sink.metadata.deletionTimestamp !== undefined
          ? sink
          : {
              ...sink,
              metadata: {
                ...sink.metadata,
                deletionTimestamp: timestamp(state),
                generation: sink.metadata.generation + 1,
              },
            },
      ),
    times,
  )

/** With the right to write everything in a namespace. */
export const writeSid = (key: string, sid: string, where = HERE): ModelPerson =>
  person(`somebody writes ${sid} into the status of ${key}`, (state) =>
    edited(state, where, key, (sink) => ({ ...sink, status: { ...sink.status, sid } })),
  )

/** `kubectl replace` and Argo's Replace=true do it without a word. */
export const strip = (key: string, where = HERE): ModelPerson =>
  person(`somebody replaces ${key}: finalizer and journal are gone`, (state) =>
    edited(state, where, key, ({ metadata, ...sink }) => {
      // By hand on the way out: known to remain.
      if (metadata.deletionTimestamp !== undefined) return { metadata, ...sink }
      const { [CREATE_ATTEMPT_ANNOTATION]: _, ...annotations } = metadata.annotations
      return { ...sink, metadata: { ...metadata, annotations, finalizers: [] } }
    }),
  )

export const stripJournal = (key: string, where = HERE): ModelPerson =>
  person(`somebody removes the annotations of ${key}`, (state) =>
    edited(state, where, key, ({ metadata, ...sink }) => ({
      ...sink,
      metadata: { ...metadata, annotations: {} },
    })),
  )

/** A person who may edit an object may write anything into its annotations. */
export const forgeJournal = (key: string, accountSid: string, where = HERE): ModelPerson =>
  person(`somebody makes up a journal of ${key}`, (state) =>
    edited(state, where, key, ({ metadata, ...sink }) => {
      const journal = { uid: metadata.uid, attempt: 7, accountSid, key: 'made up', times: [] }
      const annotations = { ...metadata.annotations, [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) }
      return { ...sink, metadata: { ...metadata, annotations } }
    }),
  )

/** Finalizer removed by hand, and the object is gone at once. */
export const forceAway = (key: string, where = HERE): ModelPerson =>
  person(`somebody takes ${key} away by force`, (state) =>
    clusterIn(state, where).sinks[key] === undefined ? undefined : put(state, where, key, undefined),
  )

/** Only where there is none under the name. */
export const apply = (key: string, template: Sink, where = HERE): ModelPerson =>
  person(`somebody applies ${key}`, (state) => {
    const { sinks, versions } = clusterIn(state, where)
    if (sinks[key] !== undefined) return undefined
    const uid = `${template.metadata.uid}-${versions[key] ?? 0}`
    const metadata = { ...template.metadata, uid, creationTimestamp: timestamp(state) }
    return put(state, where, key, { ...template, metadata })
  })

/** As a restore does that leaves status out. */
export const loseStatus = (key: string, where = HERE): ModelPerson =>
  person(`${key} is restored without status`, (state) =>
    edited(state, where, key, (sink) => ({
      ...sink,
      metadata: { ...sink.metadata, annotations: {} },
      status: { observedGeneration: -1, conditions: [] },
    })),
  )

/** As uninstalling a chart may do: all objects go with it. */
export const deleteCrd = (where = HERE): ModelPerson =>
  person('somebody deletes the CRD', (state) => {
    const cluster = clusterIn(state, where)
    if (cluster.crdDeleting) return undefined
    let after = withCluster(state, where, { ...cluster, crdDeleting: true })
    for (const key of Object.keys(cluster.sinks)) after = remove(key, where).act(after) ?? after
    return after
  })

export const setSecret = (
  what: string,
  values: Readonly<Record<string, string>> | undefined,
  secret = 'shop/twilio',
): ModelPerson =>
  person(what, (state) => {
    const cluster = clusterIn(state, HERE)
    const { [secret]: before, ...others } = cluster.secrets
    if (JSON.stringify(before) === JSON.stringify(values)) return undefined
    const secrets = values === undefined ? others : { ...others, [secret]: values }
    const after = withCluster(state, HERE, { ...cluster, secrets })
    return nudged(after)
  })

/** The accounts' Secrets are read again at each poll; a person who is in a hurry touches the account. */
function nudged(state: State): State {
  let after = state
  for (const [key, account] of Object.entries(clusterIn(state, HERE).accounts)) {
    const { generation } = account.metadata
    after = putAccount(after, HERE, key, {
      ...account,
      metadata: { ...account.metadata, generation: generation + 1 },
    })
  }
  return after
}

/** A label, an annotation: each brings a reconcile over the account, and none a LIST. */
export const touchAccounts = (): ModelPerson => person('somebody touches the accounts', nudged)

/** All at once: a wrong region, a cleaning script. */
export const removeAllAtTwilio = (): ModelPerson =>
  person('all sinks are gone at Twilio', (state) => {
    const there = state.twilio.sinks.filter(exists)
    return there.length === 0 ? undefined : there.reduce((after, { sid }) => removed(after, sid), state)
  })

/** Releases a hold; only a time after its beginning does. */
export const allowMassChange = (key = 'shop/default', where = HERE): ModelPerson =>
  person(`somebody allows the mass change of ${key}`, (state) => {
    const account = clusterIn(state, where).accounts[key]
    if (account === undefined) return undefined
    const annotations = { ...account.metadata.annotations, [ALLOW_MASS_CHANGE_ANNOTATION]: timestamp(state) }
    return putAccount(state, where, key, { ...account, metadata: { ...account.metadata, annotations } })
  })

export const editAccount = (
  key: string,
  what: string,
  by: Partial<TwilioAccount['spec']>,
  where = HERE,
): ModelPerson =>
  person(`somebody sets ${what} of ${key}`, (state) => {
    const account = clusterIn(state, where).accounts[key]
    if (account === undefined) return undefined
    const spec = { ...account.spec, ...by }
    if (JSON.stringify(spec) === JSON.stringify(account.spec)) return undefined
    const metadata = { ...account.metadata, generation: account.metadata.generation + 1 }
    return putAccount(state, where, key, { ...account, metadata, spec })
  })

export const removeAtTwilio = (sid: string, times = 1): ModelPerson =>
  person(
    `somebody deletes ${sid} at Twilio`,
    (state) => (found(state.twilio, longSid(sid)) === undefined ? undefined : removed(state, longSid(sid))),
    times,
  )

export const describeAtTwilio = (sid: string, description: string): ModelPerson =>
  person(`somebody describes ${sid} as "${description}" at Twilio`, (state) =>
    found(state.twilio, longSid(sid)) === undefined ? undefined : described(state, longSid(sid), description),
  )

/** DG1 is the first sink that Twilio made. */
export const longSid = (sid: string): string => `DG${sid.slice(2).padStart(32, '0')}`
