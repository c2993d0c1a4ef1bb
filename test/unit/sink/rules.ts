import { rowsFor } from './design-rows.ts'
import { REASON_RULES } from './reason-rules.ts'
import type { Rule } from './rule.ts'
import { SAFETY_RULES } from './safety-rules.ts'
import { effectOf, EXPECTED, saidBy } from './table-expectations.ts'
import { WAITING_RULES } from './waiting-rules.ts'

const when = (broken: boolean, problem: string): string | undefined => (broken ? problem : undefined)

const ROW_RULES: readonly Rule[] = [
  {
    name: 'the state is the first row of the design that applies',
    broken: ({ o, state }) => {
      const first = rowsFor(o).find((row) => row.when(o))?.name
      return when(first !== state.name, `the design says ${first}`)
    },
  },
  {
    name: 'each state decides what the design says of its row',
    broken: ({ state, decision }) => {
      const expected = EXPECTED[state.name]
      if (!expected.effects.includes(effectOf(decision))) return `effect ${effectOf(decision)}`
      if (!expected.says.includes(saidBy(decision))) return `says ${saidBy(decision)}`
      return when(!expected.next.includes(decision.next.kind), `next ${decision.next.kind}`)
    },
  },
]

export const RULES: readonly Rule[] = [...SAFETY_RULES, ...WAITING_RULES, ...REASON_RULES, ...ROW_RULES]
