import { MARK_PREFIX } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import { objectPart, readMark } from '../../external/ownership-mark.ts'
import type { OpenAccount } from './accounts.ts'
import { keyOf } from './plan.ts'
import { unmark, type Release } from './release-sinks.ts'
import { notCertain, type ReleaseRow } from './row.ts'
import { messageOf } from './scope.ts'

type Work = Pick<Release, 'accounts' | 'scope' | 'tell'>

/**
 * Checks every account that was used once more, after the objects are gone: nobody puts a mark back any more, but a
 * running reconcile may have done so at the last moment. Such a mark is removed now. Resolves with a row for each check
 * that failed: running the command again does not look there again, since no object refers to it any more.
 */
export async function finalCheck(work: Work, rows: readonly ReleaseRow[]): Promise<ReleaseRow[]> {
  const unsure: ReleaseRow[] = []
  for (const account of work.accounts.opened()) {
    try {
      unsure.push(...(await checkMarks(work, account, rows)))
    } catch (error) {
      const marks = `${MARK_PREFIX}${account.installation}/`
      const todo = `look at Twilio for descriptions that still end with "${marks}...]", and remove that ending`
      unsure.push(notCertain(lastCheck(account), `${messageOf(error)}; ${todo}`))
    }
  }
  return unsure
}

const lastCheck = ({ accountSid }: OpenAccount): string => `${accountSid} (last check)`

async function checkMarks(
  { scope, tell }: Work,
  account: OpenAccount,
  rows: readonly ReleaseRow[],
): Promise<ReleaseRow[]> {
  const objects = new Map(scope.sinks.objects.map((sink) => [objectPart(keyOf(sink)), sink]))
  const unsure: ReleaseRow[] = []
  for (const { sid, description } of (await account.api.listSinks()).sinks) {
    const { mark } = readMark(description)
    if (mark?.installation !== account.installation) continue
    const sink = objects.get(mark.object)
    if (sink === undefined && scope.namespace !== '') continue
    const told = rows.filter((row) => row.sid === sid)
    // An object that is gone may have recorded a sink that carries the mark of another.
    const isOwn = told.some(({ object, released }) => released && objectPart(object) === mark.object)
    if (sink !== undefined && isOwn) unsure.push(...(await removeReturned(sink, sid, { account, tell })))
    else if (told.every(({ released }) => released))
      tell(`${sid}: it has a mark of this installation, but no object has recorded it. It was left as it is.`)
  }
  return unsure
}

/** A failure of one sink never stops the check of the others. */
async function removeReturned(
  sink: Sink,
  sid: string,
  { account, tell }: { readonly account: OpenAccount; readonly tell: Release['tell'] },
): Promise<ReleaseRow[]> {
  try {
    const plan = await unmark(sink, sid, account)
    if (plan.kind === 'unmark') tell(`${sid}: its mark had come back and was removed again.`)
    return plan.kind === 'keep' ? [notCertain(lastCheck(account), plan.because, sid)] : []
  } catch (error) {
    const todo = `its mark has come back: remove the part that begins with "${MARK_PREFIX}" from the end of its description`
    return [notCertain(lastCheck(account), `${messageOf(error)}; ${todo}`, sid)]
  }
}
