import type { Plan } from './plan.ts'

/** One object, or an account at Twilio, in the table that is printed at the end. */
export interface ReleaseRow {
  readonly object: string
  readonly sid: string
  readonly outcome: string
  /** False: it is still there, or may have left something behind, and somebody has to do something. */
  readonly released: boolean
}

/** `done`: whether it has happened, or is only planned. */
export function rowOf(object: string, plan: Plan, done: boolean): ReleaseRow {
  switch (plan.kind) {
    case 'unmark':
      return {
        object,
        sid: plan.sid,
        outcome: `stays, mark ${done ? 'removed' : 'to be removed'}`,
        released: true,
      }
    case 'leave':
      return { object, sid: plan.sid, outcome: `stays as it is: ${plan.because}`, released: true }
    case 'nothing':
      return { object, sid: '-', outcome: `no sink: ${plan.because}`, released: true }
    case 'keep':
      return notReleased(object, plan.because)
  }
}

export function notReleased(object: string, because: string, sid = '-'): ReleaseRow {
  return { object, sid, outcome: `NOT RELEASED: ${because}`, released: false }
}

/** Of what is left at Twilio when the objects are gone. */
export const notCertain = (object: string, because: string, sid = '-'): ReleaseRow => ({
  object,
  sid,
  outcome: `NOT CERTAIN: ${because}`,
  released: false,
})

/** Columns wide enough for what is in them, two blanks apart; no line ends with blanks. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}
