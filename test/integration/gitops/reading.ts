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

/**
 * Of each object what the three readers make of it, by one run of the program. `change` spoils scripts and expressions,
 * so that a test can see that it is noticed.
 */
export async function readAll(
  objects: readonly { readonly kind: Kind }[],
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
  return objects.map((_, index) => {
    const [argo, kstatus, flux] = answers.slice(3 * index)
    return { argo: argo!, kstatus: kstatus!, flux: flux! }
  })
}
