import { MARK_PREFIX } from '../../api/group.ts'
import { keyOf } from './plan/plan.ts'
import { notCertain, type ReleaseRow } from './plan/row.ts'
import { objectPart, type Mark, isShortened, readMark, sameOwner } from '../../external/ownership-mark.ts'
import type { Release } from './release-all.ts'
import { messageOf } from './scope.ts'
import type { OpenAccount } from './accounts.ts'
import type { TwilioAccountApi } from '../../reconciler/ports.ts'
import { guardedChange } from './guarded-change.ts'

type Work = Pick<Release, 'twilio' | 'settingsFor' | 'scope' | 'waitOptions' | 'tell'>

/**
 * Checks every account that was used once more, after the objects are gone. Resolves with a row for each check that
 * failed: running the command again does not look there again, since no object refers to it any more.
 */
export async function finalCheck(work: Work, rows: readonly ReleaseRow[]): Promise<ReleaseRow[]> {
  const unsure: ReleaseRow[] = []
  for (const account of work.twilio.opened()) unsure.push(...(await checkAccount(account, work, rows)))
  return unsure
}

async function checkAccount(
  account: OpenAccount,
  work: Work,
  rows: readonly ReleaseRow[],
): Promise<ReleaseRow[]> {
  let marks = MARK_PREFIX
  try {
    const { installation } = work.settingsFor(account)
    marks = `${MARK_PREFIX}${installation}/`
    return await checkMarks(installation, account, { work, rows })
  } catch (error) {
    const todo = `look at Twilio for descriptions that still end with "${marks}...]", and remove that ending`
    return [notCertain(`${account.seen.accountSid} (last check)`, `${messageOf(error)}; ${todo}`)]
  }
}

async function checkMarks(
  installation: string,
  account: OpenAccount,
  { work: { scope, waitOptions, tell }, rows }: { readonly work: Work; readonly rows: readonly ReleaseRow[] },
): Promise<ReleaseRow[]> {
  const released = rows.filter((row) => row.released)
  const told = new Set(rows.filter((row) => !row.released).map(({ sid }) => sid))
  const objects = new Set(scope.sinks.map((sink) => objectPart(keyOf(sink))))
  const isInScope = (mark: Mark): boolean =>
    mark.installation === installation && (waitOptions.namespace === '' || objects.has(mark.object))
  const { again, marked, failed } = await removeReturnedMarks(account, released, isInScope)
  for (const sid of again) tell(`${sid}: its mark had come back and was removed again.`)
  for (const sid of marked.filter((one) => !told.has(one)))
    tell(`${sid}: it has a mark of this installation, but no object has recorded it. It was left as it is.`)
  const object = `${account.seen.accountSid} (last check)`
  const todo = `its mark has come back: remove the part that begins with "${MARK_PREFIX}" from the end of its description`
  return failed.map(({ sid, why }) => notCertain(object, `${why}; ${todo}`, sid))
}

interface MarkRemovals {
  /** SIDs whose own mark had come back and was taken out again. */
  readonly again: readonly string[]
  /** Sinks with a mark of the scope that no object there had recorded; left alone. */
  readonly marked: readonly string[]
  /** Sinks whose own mark has come back and could not be taken out. */
  readonly failed: readonly { readonly sid: string; readonly why: string }[]
}

/**
 * After the objects are gone nobody puts a mark back any more, but a running reconcile may have done so at the last
 * moment: such a mark is removed now. A failure of one sink never stops the check of the others.
 *
 * @param released of objects that are gone; one may have recorded a sink that carries the mark of another
 */
export async function removeReturnedMarks(
  { api }: OpenAccount,
  released: readonly Pick<ReleaseRow, 'object' | 'sid'>[],
  isInScope: (mark: Mark) => boolean,
): Promise<MarkRemovals> {
  const own = new Set(released.map(({ object, sid }) => `${sid} ${objectPart(object)}`))
  const again: string[] = []
  const marked: string[] = []
  const failed: { sid: string; why: string }[] = []
  for (const { sid, description } of (await api.listSinks()).sinks) {
    const { mark } = readMark(description)
    if (mark === undefined || !isInScope(mark)) continue
    const isOwn = own.has(`${sid} ${mark.object}`)
    try {
      const seen = isOwn ? await removeMark(api, sid, mark) : 'marked'
      if (seen === 'taken-out') again.push(sid)
      else if (seen === 'marked') marked.push(sid)
    } catch (error) {
      failed.push({ sid, why: messageOf(error) })
    }
  }
  return { again, marked, failed }
}

/** What somebody has written since the LIST stays. */
const removeMark = (
  api: TwilioAccountApi,
  sid: string,
  mark: Mark,
): Promise<'taken-out' | 'marked' | 'unmarked'> =>
  guardedChange(api, sid, async ({ found, update }) => {
    const { mark: present, text } = readMark(found?.description ?? '')
    if (present === undefined) return 'unmarked'
    if (!sameOwner(present, mark) || text === '' || isShortened(found?.description ?? '')) return 'marked'
    await update(text)
    return 'taken-out'
  })
