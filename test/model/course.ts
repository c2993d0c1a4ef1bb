import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { Report } from '../../src/sink/report/report.ts'
import { clusterIn, putAccount } from './cluster.ts'
import type { ModelDeed, Input, Look, ModelTarget } from './input.ts'
import type { Process, ProcessTable } from './process.ts'
import { rulesOnAsking } from './rules.ts'
import { versionOf } from './stored.ts'
import type { OperatorState, State } from './state.ts'
import { TICK } from './time.ts'
import type { ModelWorld } from './world.ts'

/** One exploration: the world, and its processes by installation. */
export interface Exploration {
  readonly world: ModelWorld
  readonly tables: Readonly<Record<string, ProcessTable>>
}

/** A state on its way to the next one, with what happened meanwhile. */
export interface Course {
  state: State
  readonly notes: string[]
  readonly broken: string[]
}

export const processTableOf = ({ world, tables }: Exploration, operator: string): ProcessTable =>
  tables[world.operators[operator] ?? ''] as ProcessTable

export const processOf = (x: Exploration, { operators }: State, name: string): Process =>
  processTableOf(x, name).get(operators[name]?.process ?? 0)

/** Reconciles that follow on one another without any wait: more would be a hot loop. */
const MOST_STEPS = 40

export async function input(x: Exploration, course: Course, name: string, given: Input): Promise<void> {
  const process = processOf(x, course.state, name)
  const {
    process: after,
    asked,
    deeds,
  } = await processTableOf(x, name).step(process, given, lookFrom(course.state, name))
  setOperator(course, name, { process: after.id })
  for (const deed of deeds) take(course, name, deed)
  for (const call of asked) course.broken.push(...rulesOnAsking(x, course.state, name, call))
  const feed = course.state.operators[name]?.feed ?? []
  if (feed.length > 0) setOperator(course, name, { feed: withoutKnown(feed, after) })
}

/** What the process has learned by other ways need not be told. */
function withoutKnown(feed: OperatorState['feed'], { versions }: Process): OperatorState['feed'] {
  const known = ({ of, key, version, object }: OperatorState['feed'][number]): boolean => {
    const cached = versions[`${of} ${key}`]
    return object === undefined ? cached === undefined || cached > version : (cached ?? 0) >= version
  }
  const first = feed.findIndex((news) => !known(news))
  return first < 0 ? [] : feed.slice(first)
}

export function setOperator(course: Course, name: string, by: Partial<OperatorState>): void {
  const { state } = course
  const operator = { ...(state.operators[name] as OperatorState), ...by }
  course.state = { ...state, operators: { ...state.operators, [name]: operator } }
}

function take(course: Course, name: string, { kind, about, detail }: ModelDeed): void {
  if (kind === 'wrote account') {
    const account = detail as TwilioAccount
    course.state = putAccount(course.state, installationIn(course.state, name), about, account)
    return
  }
  if (kind === 'threw') course.broken.push(`threw: a pass of ${about} ended with ${String(detail)}`)
  if (kind !== 'passed') return
  const { state, effect, outcome, status } = detail as Report
  const what = effect === 'none' ? '' : `, ${effect} ${outcome}`
  const ready = status?.conditions.find(({ type }) => type === 'Ready')
  const said = ready === undefined ? '' : `, Ready ${ready.status} ${ready.reason}`
  course.notes.push(`${name}: ${about} is ${state}${what}${said}`)
}

export const installationIn = ({ operators }: State, name: string): string =>
  operators[name]?.installation ?? ''

function lookFrom(state: State, name: string): Look {
  const cluster = clusterIn(state, installationIn(state, name))
  return (what) => {
    const [kind = '', key = ''] = what.split(' ')
    if (kind === 'sink') return cluster.sinks[key]
    if (kind === 'account') return cluster.accounts[key]
    if (kind === 'secret') return cluster.secrets[key]
    if (kind === 'leads') return state.operators[name]?.leads === true
    return cluster.crdDeleting
  }
}

/** Everything that happens by itself: news arrive, and reconciles that are due begin. */
export async function settle(x: Exploration, course: Course): Promise<void> {
  for (let steps = 0; await byItself(x, course); steps += 1) {
    if (steps < MOST_STEPS) continue
    course.broken.push('rest: passes follow on one another without end')
    return
  }
}

async function byItself(x: Exploration, course: Course): Promise<boolean> {
  const { tick, operators } = course.state
  for (const [name, { frozen, feed, leads }] of Object.entries(operators)) {
    if (frozen) continue
    const [news] = feed
    if (news !== undefined && (!x.world.slowWatch || news.origin === 'first-list')) {
      await deliver(x, course, name)
      return true
    }
    const target = leads ? dueTarget(processOf(x, course.state, name), tick) : undefined
    if (target === undefined) continue
    await input(x, course, name, { kind: 'start', tick, target })
    return true
  }
  return false
}

/** The watch tells the next thing. */
export async function deliver(x: Exploration, course: Course, name: string): Promise<void> {
  const [news, ...feed] = course.state.operators[name]?.feed ?? []
  if (news === undefined) return
  setOperator(course, name, { feed })
  await input(x, course, name, { kind: 'change', tick: course.state.tick, ...news })
}

/** Accounts go first, as in the product's queues. */
export function dueTarget({ due, active }: Process, tick: number): ModelTarget | undefined {
  const ready = due.filter(([target, at]) => at <= tick && !active.includes(target)).map(([target]) => target)
  return ready.sort()[0]
}

/** A process that has just been started; the leader of its installation leads at once. */
export async function boot(x: Exploration, course: Course, name: string): Promise<void> {
  const { state } = course
  const { tick } = state
  const cluster = clusterIn(state, installationIn(state, name))
  const process = await processTableOf(x, name).born(tick * TICK, tick)
  const feed = [
    ...Object.entries(cluster.accounts).map(([key, object]) => ({ of: 'account' as const, key, object })),
    ...Object.entries(cluster.sinks).map(([key, object]) => ({ of: 'sink' as const, key, object })),
  ].map((news) => ({ ...news, version: versionOf(news.object), origin: 'first-list' as const, born: false }))
  setOperator(course, name, { process: process.id, feed, mail: {} })
}
