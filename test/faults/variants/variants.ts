import { CREATING } from './creating-variants.ts'
import { DELETING } from './deleting-variants.ts'
import { OWNING } from './owning-variants.ts'
import { TRUSTING } from './trusting-variants.ts'
import type { Variant } from './variant.ts'

/** For every row of docs/failure-scenarios.md that tells of a leak, a loss or a breach of security, at least one. */
export const VARIANTS: readonly Variant[] = [...CREATING, ...DELETING, ...OWNING, ...TRUSTING]
