import { z } from 'zod'
import { text } from './schema-field.ts'
import { celRule } from './value-rule.ts'

/** Names of other objects in the cluster. */

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
