import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ACCOUNT_WARNINGS } from '../../../../src/reconciler/account/account-events.ts'
import { REASONS_BY_CONDITION } from '../../../../src/api/condition.ts'
import { NORMAL_EVENTS, WARNING_EVENTS } from '../../../../src/sink/report/events.ts'
import { conditionEvents } from '../../../integration/operator/reasons/events-page.ts'

const PAGE = readFileSync('docs/events.md', 'utf8')

it('explains every event on its page, and no other', () => {
  const shown = [...PAGE.matchAll(/^\| (?!event |---)(\w+) \|/gmu)].map(([, reason]) => reason)
  const known = [
    ...NORMAL_EVENTS,
    ...WARNING_EVENTS,
    'ChangesReleased',
    'DefaultAccountDiffers',
    ...Object.values(ACCOUNT_WARNINGS),
  ]
  expect([...new Set(shown)].sort()).toEqual([...new Set(known)].sort())
})

it('shows which event tells of which condition, and where the two have different names, as the source says', () => {
  expect(PAGE.endsWith(conditionEvents())).toBe(true)
})

it('has an event for each trouble of a TwilioAccount that a condition tells', () => {
  const troubles = ['ChangesHeld', 'SinksUnowned'].flatMap((type) =>
    [...(REASONS_BY_CONDITION.get(type) ?? [])].map((reason) => `${type}: ${reason}`),
  )
  for (const trouble of [...troubles, 'DeletionBlocked: AccountInUse'])
    expect(Object.keys(ACCOUNT_WARNINGS)).toContain(trouble)
})
