import { keyOf } from '../../release/plan.ts'
import type { Row } from '../../release/row.ts'
import { TwilioFailure } from '../../sink/failure.ts'
import { objectPart, type Mark } from '../../sink/ownership-mark.ts'
import { lastLook, type LastLook } from './last-look.ts'
import type { Release } from './release-all.ts'
import type { OpenAccount } from './twilio-side.ts'

type Work = Pick<Release, 'twilio' | 'settingsFor' | 'scope' | 'patience' | 'tell'>

/** A last look at every account that was used, after the objects are gone. */
export async function lookOnceMore(work: Work, rows: readonly Row[]): Promise<void> {
  const { twilio, settingsFor, scope, patience, tell } = work
  const released = rows.filter((row) => row.released)
  const told = new Set(rows.filter((row) => !row.released).map(({ sid }) => sid))
  const objects = new Set(scope.sinks.map((sink) => objectPart(keyOf(sink))))
  for (const account of twilio.opened()) {
    const { installation } = settingsFor(account)
    const isInScope = (mark: Mark): boolean =>
      mark.installation === installation && (patience.namespace === '' || objects.has(mark.object))
    const { again, marked } = await lookAgain(work, account, { released, isInScope })
    for (const sid of again) tell(`${sid}: its mark had come back, and was taken out again.`)
    for (const sid of marked.filter((one) => !told.has(one)))
      tell(
        `${sid}: carries a mark of this installation, but no object has recorded it as its own: left as it is.`,
      )
  }
}

async function lookAgain(
  { tell }: Work,
  account: OpenAccount,
  { released, isInScope }: { readonly released: readonly Row[]; readonly isInScope: (mark: Mark) => boolean },
): Promise<LastLook> {
  try {
    return await lastLook(account, released, isInScope)
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    tell(`The last look at ${account.seen.accountSid} failed (${error.kind}): ${error.message}`)
    return { again: [], marked: [] }
  }
}
