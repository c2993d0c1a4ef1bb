import type { Stage } from './stage.ts'

export interface Step {
  /** What is proven when `see` resolves: printed with ✓. */
  readonly shows: string
  /** Does something and looks until it is so; resolves with a detail worth printing, or an empty text. */
  readonly see: (stage: Stage) => Promise<string>
}

export interface Act {
  readonly title: string
  readonly steps: readonly Step[]
}
