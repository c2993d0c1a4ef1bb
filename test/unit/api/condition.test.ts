import { expect, test } from 'vitest'
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

const VOCABULARIES = Object.entries({
  ACCOUNT_READY_REASONS,
  CHANGES_HELD_REASONS,
  DELETION_BLOCKED_REASONS,
  DUPLICATE_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
  STALLED_REASONS,
})

test.for(VOCABULARIES)('%s are distinct words in the form that Kubernetes demands', ([, reasons]) => {
  expect(new Set(reasons).size).toBe(reasons.length)
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z][A-Za-z]+$/)
})

test('no reason is both Reconciling and Stalled: kstatus would take whichever comes first', () => {
  const reconciling = new Set<string>(RECONCILING_REASONS)
  expect(STALLED_REASONS.filter((reason) => reconciling.has(reason))).toEqual([])
})

test('what stalls a Sink is among the reasons of Ready, and never Active', () => {
  const ready = new Set<string>(READY_REASONS)
  expect(STALLED_REASONS.filter((reason) => !ready.has(reason))).toEqual([])
  expect(STALLED_REASONS).not.toContain('Active')
})
