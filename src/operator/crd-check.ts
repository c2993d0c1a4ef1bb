import { setTimeout as wait } from 'node:timers/promises'
import { missingFields, type MissingFields } from '../api/live-definitions.ts'
import type { Logger } from '../observability/logger.ts'
import { KubernetesFailure, type StoredFieldsCheck } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'

export interface CrdCheckOptions {
  readonly read: () => Promise<{ readonly document: unknown } | 'not-served' | 'forbidden'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
  /** Called with the result of each look. MUST NOT throw. */
  readonly looked: (missing: MissingFields) => void
  /** Ends the waiting. */
  readonly stop: AbortSignal
}

/** Compares the CRDs in the cluster with what this version needs, when somebody wants to know. Logs each change once. */
export interface CrdCheck extends StoredFieldsCheck {
  /** Resolves when no needed field is missing any more, or at `stop`; looks again and again until then. */
  complete(): Promise<void>
  /** What is wrong, as of the last look, and what to do. */
  problem(): string | undefined
  /** `listener` is called when the CRDs are complete again, after a create has found that they are not. */
  onFixed(listener: () => void): void
}

/** Milliseconds. */
const LOOK_AGAIN = { first: 250, longest: 5_000 }
/** What an answer has shown is newer than the document for as long as this. */
const DOCUMENT_LAG = 10_000

const NOTHING: MissingFields = { needed: [], others: [] }
const REMEDY = 'install those of this version: kubectl apply -f crds/'

export function createCrdCheck(options: CrdCheckOptions): CrdCheck {
  const { clock, stop } = options
  const report = logChanges(options)
  let missing = NOTHING
  let droppedAt = -Infinity
  let looking: Promise<void> | undefined
  let fixing: Promise<void> | undefined
  let fixed = (): void => undefined

  const look = async (): Promise<void> => {
    const read = await options.read()
    if (read === 'forbidden') report.unreadable()
    const seen = read === 'forbidden' ? NOTHING : missingFields(documentOf(read))
    const isDoubtful = seen.needed.length === 0 && clock.monotonic() - droppedAt < DOCUMENT_LAG
    missing = isDoubtful ? { ...seen, needed: missing.needed } : seen
    report.looked(missing)
  }
  const lookTogether = (): Promise<void> => (looking ??= look().finally(() => (looking = undefined)))

  const complete = async (): Promise<void> => {
    for (let tries = 0; !stop.aborted; tries += 1) {
      try {
        await lookTogether()
        if (missing.needed.length === 0) return
      } catch (error) {
        report.failed(error)
      }
      const pause = Math.min(LOOK_AGAIN.first * 2 ** tries, LOOK_AGAIN.longest)
      await wait(pause, undefined, { signal: stop }).catch(() => undefined)
    }
  }
  const problem = (): string | undefined =>
    missing.needed.length === 0
      ? undefined
      : `the CustomResourceDefinitions in the cluster lack ${missing.needed.join(', ')}: ${REMEDY}`

  const waitUntilFixed = (): void => {
    fixing ??= complete().then(() => {
      fixing = undefined
      if (!stop.aborted) fixed()
    })
  }

  return {
    complete,
    problem,
    assertComplete: async () => {
      await lookTogether()
      const found = problem()
      if (found === undefined) return
      waitUntilFixed()
      throw new KubernetesFailure('unavailable', found)
    },
    fieldDropped: (field) => {
      droppedAt = clock.monotonic()
      missing = { ...missing, needed: [...new Set([...missing.needed, field])] }
      report.looked(missing)
      waitUntilFixed()
    },
    onFixed: (listener) => {
      fixed = listener
    },
  }
}

const documentOf = (read: { readonly document: unknown } | 'not-served'): unknown =>
  read === 'not-served' ? undefined : read.document

/** Logs what has changed, and nothing twice. */
function logChanges({ log, looked }: CrdCheckOptions) {
  let before = { needed: '', others: '' }
  let isUnreadable = false
  return {
    looked: (missing: MissingFields): void => {
      looked(missing)
      const now = { needed: missing.needed.join(), others: missing.others.join() }
      if (now.needed !== before.needed && now.needed !== '')
        log.error(
          { missing: missing.needed },
          `The CustomResourceDefinitions in the cluster lack fields that no create is safe without. Nothing is created; ${REMEDY}`,
        )
      else if (now.needed !== before.needed)
        log.info({}, 'The CustomResourceDefinitions have all that is needed; going on')
      if (now.others !== before.others && now.others !== '' && now.needed === '')
        log.warn(
          { missing: missing.others },
          `The CustomResourceDefinitions in the cluster are older than this version: the API server drops these fields. To use them, ${REMEDY}`,
        )
      before = now
    },
    failed: (err: unknown): void => {
      log.warn({ err }, 'The schemas of Sink and TwilioAccount cannot be read; retrying')
    },
    unreadable: (): void => {
      if (!isUnreadable)
        log.warn(
          {},
          'The API server does not show its schemas to this process, so it cannot tell whether the CustomResourceDefinitions are too old: bind it to the ClusterRole system:discovery',
        )
      isUnreadable = true
    },
  }
}
