import type { DemoStage } from './stage.ts'

export interface ActStep {
  /** What is proven when `see` resolves: printed with ✓. */
  readonly shows: string
  /** Does something and looks until it is so; resolves with a detail worth printing, or an empty text. */
  readonly see: (stage: DemoStage) => Promise<string>
}

export interface DemoAct {
  readonly title: string
  readonly steps: readonly ActStep[]
}
