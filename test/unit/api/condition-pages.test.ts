import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import {
  ACCOUNT_READY_REASONS,
  DELETION_BLOCKED_REASONS,
  DUPLICATE_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
} from '../../../src/api/condition.ts'

/** Accounts that hold mass changes are the next work; nothing can provoke it yet. */
const RESERVED = 'ChangesHeld'

it('explains every reason on a page that a test has provoked, and no other', async () => {
  const wanted = [
    ...READY_REASONS.map((reason) => `Sink-Ready-${reason}`),
    ...RECONCILING_REASONS.map((reason) => `Sink-Reconciling-${reason}`),
    ...DELETION_BLOCKED_REASONS.map((reason) => `Sink-DeletionBlocked-${reason}`),
    ...REPLACEMENT_REASONS.map((reason) => `Sink-ReplacementRequired-${reason}`),
    ...DUPLICATE_REASONS.map((reason) => `Sink-DuplicateFound-${reason}`),
    ...ACCOUNT_READY_REASONS.map((reason) => `TwilioAccount-Ready-${reason}`),
  ].filter((page) => !page.endsWith(`-${RESERVED}`))
  const pages = (await readdir('docs/conditions'))
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace('.md', ''))
  // Stalled has the reason of Ready; one page shows it on an account.
  expect(pages.filter((page) => !page.includes('-Stalled-')).sort()).toEqual(wanted.sort())
})
