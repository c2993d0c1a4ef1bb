import { describe, expect, it } from 'vitest'
import type { Reason } from './reason.ts'
import { showAndFix } from './show-and-fix.ts'
import type { SinkStage } from './sink-stage.ts'

export const titled = (reasons: readonly Reason[]) =>
  reasons.map((reason) => ({
    reason,
    shown: Object.entries(reason.shows)
      .map((one) => one.join(' '))
      .join(', '),
  }))

/** Side by side: no Sink's trouble is another's. */
export function eachReason(about: string, stage: () => SinkStage, reasons: readonly Reason[]): void {
  describe.concurrent(about, () => {
    it.each(titled(reasons))(
      '$shown is explained in its section, and what the section says fixes it',
      ({ reason }) => showAndFix(stage(), reason),
    )
  })

  it(`leaves a Sink beside them alone: ${about}`, async () => {
    const { before, now } = await stage().bystander()
    expect(now).toBe(before)
  })
}
