import type { ReleaseRow } from '../../release/row.ts'
import { isShortened, objectPart, readMark, sameOwner, type Mark } from '../../sink/ownership-mark.ts'
import type { TwilioAccountApi } from '../../reconciler/ports.ts'
import { guardedChange } from './guarded-change.ts'
import { messageOf } from './trouble.ts'
import type { OpenAccount } from './accounts.ts'

export interface MarkRemovals {
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
