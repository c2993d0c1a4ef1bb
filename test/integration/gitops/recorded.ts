import { expect } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import type { Stage } from '../operator/stage.ts'
import { capturesOf, kebab, keep, writesHealth } from './captures.ts'
import { whyNoHealthReaders } from './health-readers.ts'
import { watchObjects, type WatchedObject } from './object-watch.ts'
import { inStateOf, judges, reconcilesIn } from './logged-reconciles.ts'
import { readAll, type Reading } from './reading.ts'
import { untruths } from './truths.ts'

/**
 * The same stage; at its end every version of its Sinks and TwilioAccounts is judged as Argo CD, kstatus and Flux judge.
 * `restart` must be used through what is returned, which keeps the log.
 */
export async function recorded<S extends Stage>(stage: S, namespaces = [stage.namespace]): Promise<S> {
  if (whyNoHealthReaders !== undefined) {
    console.warn(`Nothing is judged as Argo CD, kstatus and Flux do. ${whyNoHealthReaders}`)
    return stage
  }
  const watches = await Promise.all(namespaces.map((one) => watchObjects(stage.cluster, one)))
  const logs: string[] = []
  return {
    ...stage,
    restart: async (flags) => {
      logs.push(stage.operator().log())
      await stage.restart(flags)
    },
    end: async () => {
      await stage.end()
      logs.push(stage.operator().log())
      for (const watch of watches) watch.end()
      await judge(
        stage,
        watches.flatMap(({ versions }) => versions),
        logs.join('\n'),
      )
    },
  }
}

async function judge(stage: Stage, versions: readonly WatchedObject[], log: string): Promise<void> {
  const readings = await readAll(versions)
  const wrong = versions.flatMap((object, index) => {
    const { name, resourceVersion } = object.metadata
    return untruths(object, readings[index]!).map(
      (rule) => `${object.kind} ${name} at ${resourceVersion}: ${rule}`,
    )
  })
  expect(wrong).toEqual([])
  const readingOf = new Map(versions.map((object, index) => [object, readings[index]!]))
  const seen = [...sinkStates(versions, log), ...accountStates(versions)]
  for (const { state, object } of writesHealth() ? seen : [])
    await keep(stage, state, object, readingOf.get(object)!)
  await expectDocumented(
    seen.filter(({ certain }) => certain).map((one) => ({ ...one, reading: readingOf.get(one.object)! })),
  )
}

interface Seen {
  readonly state: string
  readonly object: WatchedObject
  /** What is said follows from the state alone, so that the page knows it. */
  readonly certain: boolean
}

const sinkStates = (versions: readonly WatchedObject[], log: string): Seen[] =>
  reconcilesIn(log).flatMap((logged) => {
    const object = inStateOf(logged, versions)
    return object === undefined ? [] : [{ state: logged.state, object, certain: judges(logged) }]
  })

const accountStates = (versions: readonly WatchedObject[]): Seen[] =>
  versions
    .filter(({ kind, metadata }) => kind === 'TwilioAccount' && metadata.deletionTimestamp === undefined)
    .map((object) => {
      const { reason = 'New' } = condition(object, 'ChangesHeld') ?? condition(object, 'Ready') ?? {}
      return { state: reason, object, certain: false }
    })

/** Whatever a state leads to is on the page, as a captured object: `UPDATE_HEALTH=1` adds what is missing. */
async function expectDocumented(seen: readonly (Seen & { readonly reading: Reading })[]): Promise<void> {
  const captures = capturesOf('Sink')
  const readings = await readAll(captures.map(({ object }) => object))
  const known = new Set(captures.map(({ state }, index) => words(state, readings[index]!)))
  const unknown = seen
    .map(({ state, reading }) => words(kebab(state), reading))
    .filter((one) => !known.has(one))
  expect([...new Set(unknown)]).toEqual([])
}

const words = (state: string, { argo, kstatus, flux }: Reading): string =>
  [state, argo.status, kstatus.status, flux.status].join(' ')
