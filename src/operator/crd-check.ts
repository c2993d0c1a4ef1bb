import { setTimeout as wait } from 'node:timers/promises'
import { missingFields, type MissingFields } from '../api/crd/live-definitions.ts'
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

/** Milliseconds. */
const LOOK_AGAIN = { first: 250, longest: 5_000 }
/** What an answer has shown is newer than the document for as long as this. */
const DOCUMENT_LAG = 10_000

const NOTHING: MissingFields = { needed: [], others: [] }
const REMEDY = 'install those of this version: kubectl apply -f crds/'

/**
 * Compares the CRDs in the cluster with what this version needs, when somebody wants to know. Logs each change once.
 *
 * Each create asks, since somebody may put older CRDs in place while this process runs. Nothing tells of that in time: the
 * API server ends the watches on a CRD a second to two minutes after it begins to drop fields, and an answer shows what
 * was dropped only when the sink is there.
 */
export class CrdCheck implements StoredFieldsCheck {
  readonly #options: CrdCheckOptions
  #missing = NOTHING
  #droppedAt = -Infinity
  #isUnreadable = false
  #looking: Promise<void> | undefined
  #fixing: Promise<void> | undefined
  #fixed = (): void => undefined

  constructor(options: CrdCheckOptions) {
    this.#options = options
  }

  /** What is wrong, as of the last look, and what to do. */
  problem(): string | undefined {
    const { needed } = this.#missing
    if (needed.length === 0) return undefined
    return `the CustomResourceDefinitions in the cluster lack ${needed.join(', ')}: ${REMEDY}`
  }

  /** Resolves when no needed field is missing any more, or at `stop`; looks again and again until then. */
  async complete(): Promise<void> {
    const { log, stop } = this.#options
    for (let tries = 0; !stop.aborted; tries += 1) {
      try {
        await this.#lookTogether()
        if (this.problem() === undefined) return
      } catch (err) {
        log.warn({ err }, 'The schemas of Sink and TwilioAccount cannot be read; retrying')
      }
      const pause = Math.min(LOOK_AGAIN.first * 2 ** tries, LOOK_AGAIN.longest)
      await wait(pause, undefined, { signal: stop }).catch(() => undefined)
    }
  }

  async assertComplete(): Promise<void> {
    await this.#lookTogether()
    const found = this.problem()
    if (found === undefined) return
    this.#waitUntilFixed()
    throw new KubernetesFailure('unavailable', found)
  }

  fieldDropped(field: string): void {
    this.#droppedAt = this.#options.clock.monotonic()
    this.#report({ ...this.#missing, needed: [...new Set([...this.#missing.needed, field])] })
    this.#waitUntilFixed()
  }

  /** `listener` is called when the CRDs are complete again, after a create has found that they are not. */
  onFixed(listener: () => void): void {
    this.#fixed = listener
  }

  #waitUntilFixed(): void {
    this.#fixing ??= this.complete().then(() => {
      this.#fixing = undefined
      if (!this.#options.stop.aborted) this.#fixed()
    })
  }

  #lookTogether(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)))
  }

  async #look(): Promise<void> {
    const { read, clock } = this.#options
    const answer = await read()
    if (answer === 'forbidden') this.#logUnreadable()
    const seen = answer === 'forbidden' ? NOTHING : missingFields(documentOf(answer))
    const isDoubtful = seen.needed.length === 0 && clock.monotonic() - this.#droppedAt < DOCUMENT_LAG
    this.#report(isDoubtful ? { ...seen, needed: this.#missing.needed } : seen)
  }

  #report(missing: MissingFields): void {
    const { log, looked } = this.#options
    looked(missing)
    logChange(log, this.#missing, missing)
    this.#missing = missing
  }

  #logUnreadable(): void {
    if (!this.#isUnreadable)
      this.#options.log.warn(
        {},
        'The API server does not show its schemas to this process, so it cannot tell whether the CustomResourceDefinitions are too old: bind it to the ClusterRole system:discovery',
      )
    this.#isUnreadable = true
  }
}

const documentOf = (answer: { readonly document: unknown } | 'not-served'): unknown =>
  answer === 'not-served' ? undefined : answer.document

function logChange(log: Logger, before: MissingFields, { needed, others }: MissingFields): void {
  if (needed.join() !== before.needed.join()) {
    if (needed.length === 0) log.info({}, 'The CustomResourceDefinitions have all that is needed; going on')
    else
      log.error(
        { missing: needed },
        `The CustomResourceDefinitions in the cluster lack fields that no create is safe without. Nothing is created; ${REMEDY}`,
      )
  }
  if (needed.length === 0 && others.length > 0 && others.join() !== before.others.join())
    log.warn(
      { missing: others },
      `The CustomResourceDefinitions in the cluster are older than this version: the API server drops these fields. To use them, ${REMEDY}`,
    )
}
