import type { CrashScenario } from '../scenario.ts'
import { ACCOUNT_SCENARIOS } from './accounts.ts'
import { CREATING_SCENARIOS } from './creating.ts'
import { DELETING_SCENARIOS } from './deleting.ts'
import { INTERRUPTED } from './interrupted.ts'
import { LIVING_SCENARIOS } from './living.ts'

export const SCENARIOS: readonly CrashScenario[] = [
  ...CREATING_SCENARIOS,
  ...ACCOUNT_SCENARIOS,
  ...LIVING_SCENARIOS,
  ...DELETING_SCENARIOS,
  ...INTERRUPTED,
]
