import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import {
  ACCOUNT_READY_REASONS,
  CHANGES_HELD_REASONS,
  DELETION_BLOCKED_REASONS,
  DUPLICATE_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
  STALLED_REASONS,
} from '../../../src/api/condition.ts'

it('explains every reason on a page that a test has provoked, and no other', async () => {
  const wanted = [
    ...READY_REASONS.map((reason) => `Sink-Ready-${reason}`),
    ...RECONCILING_REASONS.map((reason) => `Sink-Reconciling-${reason}`),
    ...DELETION_BLOCKED_REASONS.map((reason) => `Sink-DeletionBlocked-${reason}`),
    ...REPLACEMENT_REASONS.map((reason) => `Sink-ReplacementRequired-${reason}`),
    ...DUPLICATE_REASONS.map((reason) => `Sink-DuplicateFound-${reason}`),
    'TwilioAccount-Reconciling-DependencyNotReady',
    ...ACCOUNT_READY_REASONS.map((reason) => `TwilioAccount-Ready-${reason}`),
    ...CHANGES_HELD_REASONS.map((reason) => `TwilioAccount-ChangesHeld-${reason}`),
  ]
  const pages = (await readdir('docs/conditions'))
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace('.md', ''))
  expect(pages.sort()).toEqual(wanted.sort())
})

it('shows Stalled, with its reason, on the page of each reason of Ready that stalls', async () => {
  for (const reason of STALLED_REASONS) {
    const page = await readFile(`docs/conditions/Sink-Ready-${reason}.md`, 'utf8')
    expect(page).toMatch(new RegExp(`Reason: +${reason}\\n +Status: +True\\n +Type: +Stalled\\n`, 'u'))
  }
})

it('says on each page what mends it, or that nothing has to be done', async () => {
  const pages = (await readdir('docs/conditions')).filter((name) => name !== 'README.md')
  for (const name of pages) {
    const page = await readFile(`docs/conditions/${name}`, 'utf8')
    expect(page, name).toMatch(/\nNothing has to be done|\n```sh\n(?:kubectl|curl|# )/u)
  }
})
