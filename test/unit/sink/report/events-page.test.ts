import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { NORMAL_EVENTS, WARNING_EVENTS } from '../../../../src/sink/report/events.ts'

/** Of TwilioAccounts, whose conditions lead to it. */
const OF_ACCOUNTS = ['CredentialsRefused', 'ChangesReleased', 'DefaultAccountDiffers']

it('explains every event on its page, and no other', () => {
  const page = readFileSync('docs/events.md', 'utf8')
  const shown = [...page.matchAll(/^\| (?!event |---)(\w+) \|/gmu)].map(([, reason]) => reason)
  const known = [...NORMAL_EVENTS, ...WARNING_EVENTS, ...OF_ACCOUNTS]
  expect([...new Set(shown)].sort()).toEqual([...known].sort())
})
