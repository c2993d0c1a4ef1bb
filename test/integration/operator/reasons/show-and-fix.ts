import { expect } from 'vitest'
import { condition, type SinkObject } from '../../../rigs/sink-object.ts'
import { until } from '../../../rigs/until.ts'
import { DELETION_BLOCKED_REASONS, STALLED_REASONS } from '../../../../src/api/condition.ts'
import { ACCOUNT_WARNINGS } from '../../../../src/reconciler/account/account-events.ts'
import { READY_WARNINGS } from '../../../../src/sink/report/events.ts'
import type { Stage } from '../stage.ts'
import { askLogAndMetrics } from './ask.ts'
import { runAll } from './command.ts'
import { partsOfDescribe, reasonOf, type Described } from './described.ts'
import { KIND_OF, type Reason } from './reason.ts'
import { checkSections, writesPages } from './page.ts'

const WITHIN = 60_000
/** Events are sent in the background; a page that is being written should show them. */
const EVENTS_TAKE = 400

/** Provokes it, compares what is seen with its sections, does what they say, and sees the object heal. */
export async function showAndFix(stage: Stage, reason: Reason): Promise<void> {
  const { kind, name, fix, shows } = reason
  await reason.provoke(stage)
  const seen = await seeing(stage, reason)
  await askLogAndMetrics(stage, reason)
  expectOutlook(seen, kind)
  checkSections(reason, seen)
  const warning = warningOf(reason)
  if (warning !== undefined) await eventOf(stage, KIND_OF[kind], name, warning)
  if (reason.who !== 'nobody') await runAll(stage, fix, (await reason.fillIn?.(stage)) ?? {})
  await reason.elsewhere?.(stage)
  const { healed = withoutTrouble(shows) } = reason
  await until(`${name} is healed`, async () => healed(await stage.get<SinkObject>(kind, name)), WITHIN)
}

/** Reconciling or Stalled, never both, since kstatus takes whichever comes first; Stalled repeats the reason of Ready. */
function expectOutlook(seen: Described, kind: Reason['kind']): void {
  const [ready, stalled] = [reasonOf(seen, 'Ready'), reasonOf(seen, 'Stalled')]
  if (stalled !== undefined) expect(reasonOf(seen, 'Reconciling')).toBeUndefined()
  if (kind === 'sinks') expect(stalled).toBe(isOneOf(STALLED_REASONS, ready ?? '') ? ready : undefined)
}

async function seeing(stage: Stage, { kind, name, shows }: Reason): Promise<Described> {
  const describe = async (): Promise<Described> =>
    partsOfDescribe(stage, await stage.kubectl(['describe', kind, name]))
  const shown = (seen: Described) =>
    Object.entries(shows).every(([type, word]) => reasonOf(seen, type) === word)
  const seen = await until(
    `${name} shows ${JSON.stringify(shows)}`,
    async () => {
      const now = await describe()
      return shown(now) && now
    },
    WITHIN,
  )
  if (!writesPages()) return seen
  await new Promise((resolve) => setTimeout(resolve, EVENTS_TAKE))
  const later = await describe()
  return later.conditions === seen.conditions ? later : seen
}

const withoutTrouble =
  (shows: Reason['shows']) =>
  (object: SinkObject | undefined): boolean =>
    Object.keys(shows).every((type) =>
      type === 'Ready'
        ? condition(object, type)?.status === 'True'
        : object !== undefined && condition(object, type) === undefined,
    )

/** The event that tells of it, where there is one. */
function warningOf({ kind, shows }: Reason): string | undefined {
  const { Ready: ready = '' } = shows
  if (kind === 'twilioaccounts')
    return Object.entries(shows).flatMap(([type, reason]) => ACCOUNT_WARNINGS[`${type}: ${reason}`] ?? [])[0]
  if (isOneOf(DELETION_BLOCKED_REASONS, shows['DeletionBlocked'] ?? '')) return 'DeletionBlocked'
  if (shows['DuplicateFound'] !== undefined) return 'DuplicateFound'
  return isOneOf(READY_WARNINGS, ready) ? ready : undefined
}

const isOneOf = (words: readonly string[], word: string): boolean => words.includes(word)

/** The note of the event; it may have been sent a moment ago. */
export const eventOf = (stage: Stage, kind: string, name: string, reason: string): Promise<string> =>
  until(`event ${reason} of ${name}`, async () => {
    const about = `involvedObject.kind=${kind},involvedObject.name=${name},reason=${reason}`
    const template = '{range .items[*]}{.message}{"\\n"}{end}'
    const notes = await stage.kubectl([
      'get',
      'events',
      '--field-selector',
      about,
      '-o',
      `jsonpath=${template}`,
    ])
    return notes !== '' && notes.split('\n')[0]
  })
