import { MARK_PREFIX } from '../../api/group.ts'
import { keyOf } from '../../release/plan.ts'
import { notCertain, type ReleaseRow } from '../../release/row.ts'
import { objectPart, type Mark } from '../../sink/ownership-mark.ts'
import { removeReturnedMarks } from './returned-marks.ts'
import type { Release } from './release-all.ts'
import { messageOf } from './trouble.ts'
import type { OpenAccount } from './accounts.ts'

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
