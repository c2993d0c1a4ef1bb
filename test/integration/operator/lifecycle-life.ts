import { isCurrent, readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { apiCaller, type Caller } from '../../rigs/simulator/api-caller.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'
import { apiAccess, type ApiAnswer, type ApiSending } from '../../rigs/control-plane/api-access.ts'
import type { TwilioKind } from './lifecycle-twilios.ts'
import type { Stage } from './stage.ts'

/** A person with rights at the API server and at Twilio, and what they see at both. */
export interface Life {
  readonly stage: Stage
  readonly twilio: TwilioKind
  /** Server-side apply. Rejects when it is refused. */
  apply(name: string, spec: Readonly<Record<string, unknown>>): Promise<SinkObject>
  /** A merge patch. */
  patch(name: string, change: unknown): Promise<SinkObject>
  annotate(name: string, annotations: Readonly<Record<string, string>>): Promise<SinkObject>
  /** Without waiting for the finalizer. */
  remove(name: string): Promise<void>
  look(name: string): Promise<SinkObject | undefined>
  /** Waits until the object is as the predicate says. */
  see(what: string, name: string, is: (object: SinkObject) => boolean): Promise<SinkObject>
  gone(name: string): Promise<void>
  /** Applies and waits until the sink is active, whatever that takes at this Twilio; resolves with the object. */
  make(name: string, spec: Readonly<Record<string, unknown>>): Promise<SinkObject>
  atTwilio(sid: string | undefined): Promise<SinkView | undefined>
  /** The sinks whose text, without mark, is this. */
  described(text: string): Promise<SinkView[]>
  /** Somebody else who uses the account, with an API key. */
  readonly other: Caller
}

export const MARK = / \[k8s:[a-z2-7]{6}\/[a-z2-7]{12}\/\d+\]$/
export const textOf = (description: string) => description.replace(MARK, '')

/**
 * As Twilio was asked for the spec that the object has now. Not merely observed: that Twilio is not reached, or that the
 * object is suspended, is an observation, too.
 */
export const isActive = (object: SinkObject) =>
  isCurrent(object) && readyCondition(object)?.reason === 'Active'

/** Longest wait for one thing; milliseconds. */
const WITHIN = 60_000

export async function beginLife(stage: Stage, twilio: TwilioKind): Promise<Life> {
  const api = apiAccess(stage.cluster)
  const { admin } = stage.simulator
  const other = await somebodyElse(stage)
  const path = (name: string) =>
    `/apis/events.twilio.com/v1alpha1/namespaces/${stage.namespace}/sinks/${name}`
  const must = async (method: string, where: string, sending?: ApiSending): Promise<SinkObject> => {
    const answer = await api(method, where, sending)
    if (answer.status >= 300) throw new Error(`${method} ${where}: ${JSON.stringify(answer.body)}`)
    return answer.body as SinkObject
  }
  const look = async (name: string) => objectIn(await api('GET', path(name)))
  const see: Life['see'] = async (what, name, is) => {
    let last: SinkObject | undefined
    const seen = async () => {
      last = await look(name)
      return last !== undefined && is(last) && last
    }
    try {
      return await until(`${name} ${what} at a Twilio ${twilio.title}`, seen, WITHIN)
    } catch (error) {
      throw new Error(`Last seen: ${JSON.stringify(last)}\n${stage.operator().log().slice(-4_000)}`, {
        cause: error,
      })
    }
  }
  const patch: Life['patch'] = (name, body) => must('PATCH', path(name), { type: 'merge-patch+json', body })
  const life: Life = {
    stage,
    twilio,
    other,
    look,
    see,
    patch,
    apply: (name, spec) =>
      must('PATCH', `${path(name)}?fieldManager=person&force=true`, applying(name, spec)),
    annotate: (name, annotations) => patch(name, { metadata: { annotations } }),
    remove: async (name) => void (await must('DELETE', path(name))),
    gone: async (name) =>
      void (await until(`${name} is gone`, async () => (await look(name)) === undefined, WITHIN)),
    make: async (name, spec) => {
      await life.apply(name, spec)
      if (twilio.flow === 'legacy') await activate(life, name)
      return see('is active', name, isActive)
    },
    atTwilio: async (sid) => (await admin.sinks()).find((sink) => sink.sid === sid),
    described: async (text) =>
      (await admin.sinks()).filter(({ description }) => textOf(description) === text),
  }
  return life
}

function applying(name: string, spec: Readonly<Record<string, unknown>>): ApiSending {
  const body = { apiVersion: 'events.twilio.com/v1alpha1', kind: 'Sink', metadata: { name }, spec }
  return { type: 'apply-patch+yaml', body }
}

const objectIn = ({ status, body }: ApiAnswer): SinkObject | undefined =>
  status === 200 ? (body as SinkObject) : undefined

async function somebodyElse({ accountSid, simulator }: Stage): Promise<Caller> {
  const username = newRandomSid('SK')
  await simulator.admin.addCredential({ username, password: 'else', account: accountSid })
  const call = apiCaller(simulator.url)
  return (method, path, sending) => call(method, path, { ...sending, as: `${username}:else` })
}

/** What the documentation of the old flow tells people to do, by annotations. */
async function activate(life: Life, name: string): Promise<void> {
  await life.see('is initialized', name, (object) => readyCondition(object)?.reason === 'Initialized')
  const requestedAt = new Date().toISOString()
  await life.annotate(name, { 'events.twilio.com/test-requested-at': requestedAt })
  const tested = await life.see('is tested', name, ({ status }) => isAnswerTo(status.lastTest, requestedAt))
  await life.see('is validating', name, (object) => readyCondition(object)?.reason === 'Validating')
  const { testId } = (await life.atTwilio(tested.status.sid)) ?? {}
  await life.annotate(name, { 'events.twilio.com/validate': testId ?? '' })
}

const isAnswerTo = (answer: unknown, requestedAt: string): boolean =>
  typeof answer === 'object' &&
  answer !== null &&
  'requestedAt' in answer &&
  answer.requestedAt === requestedAt
