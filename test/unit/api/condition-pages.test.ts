import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  ACCOUNT_DELETION_BLOCKED_REASONS,
  ACCOUNT_READY_REASONS,
  CHANGES_HELD_REASONS,
  DELETION_BLOCKED_REASONS,
  DUPLICATE_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
  SINKS_UNOWNED_REASONS,
  STALLED_REASONS,
} from '../../../src/api/condition.ts'
import { CONDITION_PAGES, sectionOf } from '../../../tools/conditions-page.ts'

type Kind = keyof typeof CONDITION_PAGES

const REASONS: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  Sink: {
    Ready: READY_REASONS,
    Reconciling: RECONCILING_REASONS,
    DeletionBlocked: DELETION_BLOCKED_REASONS,
    ReplacementRequired: REPLACEMENT_REASONS,
    DuplicateFound: DUPLICATE_REASONS,
  },
  TwilioAccount: {
    Ready: ACCOUNT_READY_REASONS,
    Reconciling: ['DependencyNotReady'],
    ChangesHeld: CHANGES_HELD_REASONS,
    SinksUnowned: SINKS_UNOWNED_REASONS,
    DeletionBlocked: ACCOUNT_DELETION_BLOCKED_REASONS,
  },
}

const page = (kind: Kind): string => readFileSync(CONDITION_PAGES[kind], 'utf8')

const headingsOf = (kind: Kind): string[] =>
  [...page(kind).matchAll(/^## (.*)$/gmu)].map(([, heading = '']) => heading)

describe.each(['Sink', 'TwilioAccount'] as const)('the page of the conditions of a %s', (kind) => {
  it('explains every reason in a section that a test has provoked, and no other', () => {
    const wanted = Object.entries(REASONS[kind]).flatMap(([type, reasons]) =>
      reasons.map((reason) => `${type}: ${reason}`),
    )
    expect(headingsOf(kind).sort()).toEqual(wanted.sort())
  })

  it('says in each section what fixes it, where it is said, or that the operator goes on by itself', () => {
    for (const heading of headingsOf(kind)) {
      expect(sectionOf(page(kind), heading), heading).toMatch(
        /\nWho acts: nobody\.\n|\n```sh\n(?:kubectl|curl|# )|\nIt comes with \[/u,
      )
    }
  })
})

it('shows Stalled, with its reason, in the section of each reason of Ready that stalls', () => {
  for (const reason of STALLED_REASONS) {
    expect(sectionOf(page('Sink'), `Ready: ${reason}`)).toMatch(
      new RegExp(`Reason: +${reason}\\n +Status: +True\\n +Type: +Stalled\\n`, 'u'),
    )
  }
})
