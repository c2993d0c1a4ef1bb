import { dump } from 'js-yaml'
import type { z } from 'zod'
import { API_VERSION, GROUP, API_GROUP_VERSION } from '../group.ts'
import { RULES, type Rule } from '../schema-field.ts'
import { explained } from './explained.ts'
import { structuralSchema } from './structural-schema.ts'

/** A column of `kubectl get`; `wide` ones only show with `-o wide`. */
export type Column = {
  name: string
  type: 'string' | 'integer' | 'boolean' | 'date'
  jsonPath: string
  description: string
  wide?: true
}

/** What a CustomResourceDefinition is made of. */
export type Kind = {
  kind: string
  plural: string
  description: string
  spec: z.ZodType
  status: z.ZodType
  /** With `oldSelf` and a field path, all of them: see `sink-transition-rules.ts`. */
  transitionRules: readonly Rule[]
  columns: readonly Column[]
}

export function customResourceDefinition(kind: Kind) {
  const { plural } = kind
  const singular = kind.kind.toLowerCase()
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural, singular, categories: ['twilio'] },
      scope: 'Namespaced',
      versions: [
        {
          name: API_GROUP_VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns.map(printerColumn),
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  }
}

/** The file in `crds/`. */
export function crdYaml(kind: Kind): string {
  const options = { lineWidth: -1, noRefs: true }
  return `# Generated from src/api by "npm run generate": do not edit.\n${dump(customResourceDefinition(kind), options)}`
}

function rootSchema({ kind, description, spec, status, transitionRules }: Kind) {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: API_VERSION },
      kind: { type: 'string', description: kind },
      metadata: { type: 'object' },
      spec: explained(structuralSchema(spec), '.spec', transitionRules),
      status: structuralSchema(status),
    },
    ...(transitionRules.length === 0 ? {} : { [RULES]: transitionRules }),
  }
}

function printerColumn({ wide, ...column }: Column) {
  return wide === true ? { ...column, priority: 1 } : column
}
