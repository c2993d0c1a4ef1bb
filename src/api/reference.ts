import { z } from 'zod'
import { RULES, text } from './schema-field.ts'
import { celRule } from './value-rule.ts'

/** How other objects in the cluster are named and selected. */

const NAME = celRule({
  pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
  is: 'required',
  message: 'must be the name of a Kubernetes object: lower-case letters, digits, "-" and "."',
})

const NAMESPACE = celRule({
  pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
  is: 'required',
  message: 'must be the name of a namespace: lower-case letters, digits and "-"',
})

const KEY = celRule({
  pattern: '^[a-zA-Z0-9._-]+$',
  is: 'required',
  message: 'must be a key of the Secret: letters, digits, "-", "_" and "."',
})

export function objectName(description: string) {
  return text(description, { maxLength: 253, rules: [NAME] })
}

export function namespaceName(description: string) {
  return text(description, { maxLength: 63, rules: [NAMESPACE] })
}

/** One value out of a Secret in the object's own namespace; other namespaces cannot be named. */
export const SecretKeyRef = z.object({
  name: objectName('Name of the Secret.'),
  key: text('Key in the data of the Secret.', { maxLength: 253, rules: [KEY] }),
})
export type SecretKeyRef = z.infer<typeof SecretKeyRef>

export const AccountRef = z.object({
  name: objectName('Name of the TwilioAccount.'),
  namespace: namespaceName(
    'Namespace of the TwilioAccount. Default: the namespace of the Sink. The TwilioAccount must allow the namespace of the Sink (spec.allowedNamespaces).',
  ).optional(),
})
export type AccountRef = z.infer<typeof AccountRef>

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

/** `metav1.LabelSelector`: all requirements together; an empty selector selects everything. */
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
