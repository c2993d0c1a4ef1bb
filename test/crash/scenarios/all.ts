import type { Scenario } from '../scenario.ts'
import { ACCOUNTS } from './accounts.ts'
import { CREATING } from './creating.ts'
import { DELETING } from './deleting.ts'
import { INTERRUPTED } from './interrupted.ts'
import { LIVING } from './living.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...CREATING,
  ...ACCOUNTS,
  ...LIVING,
  ...DELETING,
  ...INTERRUPTED,
]
