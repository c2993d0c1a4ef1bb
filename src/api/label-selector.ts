import { z } from 'zod'
import { RULES, text } from './schema-field.ts'

/** `metav1.LabelSelector`: all requirements together; an empty selector selects everything. */

const OPERATOR_RULE = {
  rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
  message: 'In and NotIn need values, Exists and DoesNotExist take none',
}

/** Reading leaves this key out, and a selector that has lost a label selects more than it should. */
const NO_PROTOTYPE = {
  rule: "!('__proto__' in self)",
  message: '__proto__ is no label: take it out',
}

const value = text('Value of the label.', { maxLength: 63 })

const Requirement = z
  .object({
    key: text('Key of the label.', { minLength: 1, maxLength: 317 }),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .meta({ description: 'How the value of the label is compared with values.' }),
    values: z
      .array(value)
      .meta({
        description: 'Values of the label, for In and NotIn.',
        maxItems: 32,
        'x-kubernetes-list-type': 'atomic',
      })
      .optional(),
  })
  .meta({ description: 'One requirement on a label.', [RULES]: [OPERATOR_RULE] })

export const LabelSelector = z.object({
  matchLabels: z
    .record(z.string(), value)
    .meta({
      description: 'Labels that a namespace must have, with their values.',
      maxProperties: 32,
      [RULES]: [NO_PROTOTYPE],
    })
    .optional(),
  matchExpressions: z
    .array(Requirement)
    .meta({
      description: 'Further requirements on labels.',
      maxItems: 16,
      'x-kubernetes-list-type': 'atomic',
    })
    .optional(),
})
export type LabelSelector = z.infer<typeof LabelSelector>
