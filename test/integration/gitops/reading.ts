import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { ask, type Question } from './health-readers.ts'

export const CUSTOMIZATIONS = 'integrations/argo-cd/resource_customizations/events.twilio.com'
export const KINDS = ['Sink', 'TwilioAccount'] as const
export type Kind = (typeof KINDS)[number]

/** What each reader makes of an object. */
export interface Reading {
  readonly argo: Verdict
  readonly kstatus: Verdict
  /** With the expressions of our example. */
  readonly flux: Verdict
}

export interface Verdict {
  readonly status: string
  readonly message?: string
}

interface Kustomization {
  readonly spec: { readonly healthCheckExprs: readonly { readonly kind: string }[] }
}

interface ReadObject {
  readonly kind: Kind
  readonly metadata: { readonly deletionTimestamp?: unknown }
}

/** Argo CD asks no script about it (gitops-engine, `health.GetResourceHealth`). */
export const isLeaving = ({ metadata }: Pick<ReadObject, 'metadata'>): boolean =>
  metadata.deletionTimestamp !== undefined
const PENDING_DELETION: Verdict = { status: 'Progressing', message: 'Pending deletion' }

/**
 * Of each object what the three readers make of it, by one run of the program. `change` spoils scripts and expressions,
 * so that a test can see that it is noticed.
 */
export async function readAll(
  objects: readonly ReadObject[],
  change: (rules: string) => string = (rules) => rules,
): Promise<Reading[]> {
  const flux = change(readFileSync('integrations/flux/kustomization.yaml', 'utf8'))
  const { spec } = load(flux) as Kustomization
  const rules = Object.fromEntries(
    KINDS.map((kind) => {
      const script = change(readFileSync(`${CUSTOMIZATIONS}/${kind}/health.lua`, 'utf8'))
      return [kind, { script, expressions: spec.healthCheckExprs.find((one) => one.kind === kind) ?? {} }]
    }),
  )
  const questions = objects.flatMap((object): Question[] => {
    const { script = '', expressions = {} } = rules[object.kind] ?? {}
    return [
      { reader: 'lua', script, object },
      { reader: 'kstatus', object },
      { reader: 'cel', expressions, object },
    ]
  })
  const answers = (await ask(questions)) as Verdict[]
  return objects.map((object, index) => {
    const [argo, kstatus, flux] = answers.slice(3 * index)
    return { argo: isLeaving(object) ? PENDING_DELETION : argo!, kstatus: kstatus!, flux: flux! }
  })
}
